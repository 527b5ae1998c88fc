"""Reports to discharge: the panel's approval, and what the hospital did."""

from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import CodedCaseReport
from schemas.message import CaseReport
from schemas.values import Destination, Disposition, Instant, InstitutionId, Residence, Text, Texts, Value


class Override(Value):
    """Why a patient who does not meet the criteria may be discharged all the same (D5)."""

    kind: Literal["persistently_positive"]
    evidence: Text


class DischargeApproved(CaseReport):
    """The hospital's panel approved the discharge; `panel` names roles, never people."""

    clinical_time: ClassVar[str | None] = "approved_at"

    approved_at: Instant
    panel: Texts = ()
    override: Override | None = None


class PatientDischarged(CodedCaseReport):
    """A hospital discharged the patient: a fact, whatever the criteria say (D7).

    `residence` is given when it is not the one already known; `primary_institution_id` when the patient named one;
    `to_institution_id` by a transfer that names the next house. The dead have no `destination`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"disposition": {"const": "died"}}},
            "else": {"required": ["destination"]},
        }
    )
    clinical_time: ClassVar[str | None] = "discharged_at"

    institution_id: InstitutionId
    discharged_at: Instant
    disposition: Disposition
    destination: Destination | None = None
    residence: Residence | None = None
    primary_institution_id: InstitutionId | None = None
    to_institution_id: InstitutionId | None = None

    @model_validator(mode="after")
    def the_living_go_somewhere(self) -> Self:
        if self.destination is None and self.disposition != "died":
            raise PydanticCustomError("missing", "must say where the patient went", {"at": "destination"})
        return self


class DischargeCancelled(CaseReport):
    """Takes back the latest discharge not after `cancelled_at` (D8)."""

    clinical_time: ClassVar[str | None] = "cancelled_at"

    cancelled_at: Instant
    reason: Text
