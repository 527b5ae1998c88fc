"""What has been declared of an institution: each version by the instant from which on it holds."""

from datetime import datetime

from msgspec import Struct


class Version(Struct, frozen=True, array_like=True):
    """The institution from `effective_from` on; with `is_gone` it is no more, and the rest is empty."""

    effective_from: datetime
    rank: str
    is_gone: bool = False
    name: str = ""
    kind: str = ""
    jurisdiction: str = ""
    district: str = ""
    designated: bool = False
    capabilities: tuple[str, ...] = ()
    online: bool = False
    open_24h: bool = False
    symptoms_accepted: tuple[str, ...] = ()
    children: bool = False

    @property
    def key(self) -> datetime:
        return self.effective_from

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All that was declared of one institution, in the order in which it begins to hold."""

    institution_id: str = ""
    versions: tuple[Version, ...] = ()
