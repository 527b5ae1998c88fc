"""The bulletin's figures, counted from the raw reports alone, without any code of the story or of the services."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

APART_FROM = date(2020, 4, 1)


def parse(values: Iterable[bytes]) -> list[dict[str, Any]]:
    """The envelopes, each once, in the order of the world: a correction after what it corrects."""
    envelopes = {envelope["id"]: envelope for envelope in map(json.loads, values)}
    return sorted(envelopes.values(), key=_when)


def tally(envelopes: Iterable[dict[str, Any]], day: date) -> dict[str, int]:
    """The cumulative figures at the end of `day`, under the names of `bulletins.csv`."""
    arrived: set[str] = set()
    local: dict[str, date] = {}
    results: dict[str, dict[str, dict[str, Any]]] = {}
    left: dict[str, dict[str, str]] = {}
    envelopes = list(envelopes)
    for envelope in envelopes:
        name, data = envelope["type"].split(".")[1], envelope["data"]
        case = data["case_id"]
        match name:
            case "TravellerArrived":
                arrived.add(case)
            case "LocalCaseReported":
                local[case] = _day(data["confirmed_at"])
            case "TestResultReported" if data["setting"] != "follow_up":
                results.setdefault(case, {})[data["result_id"]] = data
            case "PatientDischarged" if data["disposition"] != "transferred":
                left.setdefault(case, {})[data["discharged_at"]] = data["disposition"]
            case "DischargeCancelled":
                del left[case][max(at for at in left[case] if at <= data["cancelled_at"])]
    left = {case: {at: how for at, how in ends.items() if _day(at) <= day} for case, ends in left.items()}
    ill = _ill(envelopes)
    imported = {case: _case(_confirmed(results.get(case, {}).values()), ill.get(case)) for case in arrived}
    figures = _figures("imported", {case for case, on in imported.items() if on and on <= day}, left)
    figures |= _figures("local", {case for case, on in local.items() if on <= day}, left)
    for name in ("confirmed", "discharged", "deaths", "in_hospital"):
        figures[f"total_{name}"] = figures[f"imported_{name}"] + figures[f"local_{name}"]
    return figures


def _figures(scope: str, confirmed: set[str], left: dict[str, dict[str, str]]) -> dict[str, int]:
    last = [max(left[case].items())[1] for case in confirmed if left.get(case)]
    discharged, deaths = last.count("recovered"), last.count("died")
    figures = {"confirmed": len(confirmed), "discharged": discharged, "deaths": deaths}
    figures["in_hospital"] = len(confirmed) - discharged - deaths
    return {f"{scope}_{name}": number for name, number in figures.items()}


def _confirmed(results: Iterable[dict[str, Any]]) -> date | None:
    standing = (r for r in results if r["status"] in {"final", "corrected"} and r["result"] == "detected")
    return min((_day(r["resulted_at"]) for r in standing), default=None)


def _ill(envelopes: Iterable[dict[str, Any]]) -> dict[str, date]:
    """Of each case the first day with symptoms or pneumonia."""
    ill: dict[str, date] = {}
    for envelope in envelopes:
        data = envelope["data"]
        if data.get("symptoms") or data.get("pneumonia"):
            ill.setdefault(data["case_id"], _day(envelope["time"]))
    return ill


def _case(infected: date | None, ill: date | None) -> date | None:
    """Since April 2020 somebody infected is a case from the day on which there are symptoms or pneumonia."""
    if infected is None or infected < APART_FROM:
        return infected
    return None if ill is None else max(infected, ill)


def _when(envelope: dict[str, Any]) -> str:
    data = envelope["data"]
    return str(data.get("resulted_at") or data.get("cancelled_at") or envelope["time"])


def _day(instant: str) -> date:
    assert instant.endswith("+08:00")
    return datetime.fromisoformat(instant).date()
