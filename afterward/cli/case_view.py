"""A case as people read it: who, where it stands, the criteria, and the table of days. Programs take `--json`."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from afterward.cli.case_header import NOT_CONFIRMED, UNKNOWN, who
from afterward.cli.console import counted, heading, plain_table, words
from afterward.cli.plan_table import Known, plan_sections
from afterward.cli.worklist_text import again
from afterward.rejections import Refused


class Section(StrEnum):
    """What there is to see of a case: each is what one service knows, in the order in which people read it."""

    INTAKE = "intake"
    TREATMENT = "treatment"
    DISCHARGE = "discharge"
    PRIMARYCARE = "primarycare"
    FOLLOWUP = "followup"
    CONSULTATION = "consultation"


NOTES = ("test_not_understood", "corrects_a_result_that_nobody_has")
"""What treatment notes of a result on which nothing rests."""
NOTIFICATIONS: Mapping[str, str] = {
    "notified": "{institution} was notified",
    "waiting": "nobody notified: no institution near the patient's home is known yet",
    "unreached": "nobody notified: no institution near the patient's home was known in time",
    "commission": "no institution near the patient's home is known; the municipal health commission was notified",
    "elsewhere": "nobody notified: the patient did not go home",
    "taken_back": "the discharge was revoked",
}
"""Whether an institution near home was notified of a discharge, by what primarycare calls it."""
CONFLICTS: Mapping[str, str] = {
    "not_in_this_house": "since the patient no longer lay there",
    "after_death": "since the patient had died",
}
"""Why a discharge that was reported ends nothing, by what discharge calls it."""
CONSULTATIONS: Mapping[str, str] = {
    "waiting": "nobody has it yet",
    "assigned": "with an expert",
    "held": "held {held_at}",
    "cancelled": "cancelled",
    "referred": "no channel fits",
}
"""How a consultation stands, by what consultation calls it."""


class CaseView:
    """What the services know of one case, section by section; times are the case's own.

    `refused`: the reports about it that were; None where the bus, on which they lie, does not answer.
    `withheld`: service → why it shows the case to others only. `unread`: topics on which answers lie that whoever asks
    may not read.
    """

    def __init__(
        self,
        case_id: str,
        known: Known,
        refused: Sequence[Refused] | None = (),
        withheld: Mapping[str, str] | None = None,
        unread: Sequence[str] = (),
    ) -> None:
        self.case_id, self.known, self.refused, self.withheld = case_id, known, refused, withheld or {}
        self.unread = unread
        zone = (self._of("intake").get("person") or {}).get("time_zone")
        self._zone = ZoneInfo(zone) if zone else None

    def parts(self, asked_for: Collection[str] = tuple(Section)) -> Iterator[RenderableType]:
        """Who the case is, by which clock all times are shown, and the sections that were asked for."""
        yield Text(" · ".join(who(self.case_id, self.known)), style="bold")
        yield (
            f"times in {self._zone}" if self._zone else "times as they were reported: the case's time zone is not known"
        )
        yield from self._blocked()
        yield from [f"not shown by {', '.join(self.withheld)}: you may not read it there"] if self.withheld else []
        yield from self._refused()
        for section in Section:
            if section in asked_for:
                yield from self._sections[section]()

    @property
    def _sections(self) -> Mapping[Section, Callable[[], Iterator[RenderableType]]]:
        return {
            Section.INTAKE: self._received,
            Section.TREATMENT: self._on_the_ward,
            Section.DISCHARGE: self._way_out,
            Section.PRIMARYCARE: self._primary_care,
            Section.FOLLOWUP: self._at_home,
            Section.CONSULTATION: self._online,
        }

    def _of(self, service: str) -> Known:
        found: Known = self.known.get(service) or {}
        return found

    def _blocked(self) -> Iterator[RenderableType]:
        """Whoever reads a case has to know that it is an old one."""
        blocked = [name for name, known in self.known.items() if known.get("blocked")]
        if blocked:
            yield f"[red]blocked at {', '.join(blocked)}[/red]: what came since is not in here (afterward parked list)"

    def _refused(self) -> Iterator[RenderableType]:
        """What somebody reported of the case and nobody could take in: whoever reads it has to know what is missing."""
        if self.refused is None:
            yield "[red]no answer from the bus[/red]: whether a report about it was refused is not known"
        if self.unread:
            services = ", ".join(topic.partition(".")[0] for topic in self.unread)
            yield f"whether a report to {services} was refused is not known: you may not read their answers"
        for one in self.refused or ():
            what = f"{one.report_type} of {one.source}, {one.field or 'data'}: {one.code}"
            yield f"refused {self._at(one.at.isoformat())}: {what}, {one.state}"

    def _received(self) -> Iterator[RenderableType]:
        intake = self._of("intake")
        person = intake.get("person") or {}
        if "arrived_at" in person:
            by = f" by {person['flight']}" if "flight" in person else ""
            yield f"arrived {self._at(person['arrived_at'])} from {_country(person)}{by}"
        for episode in intake.get("episodes", ()):
            yield f"episode {episode['number']}: {intake['origin']}, confirmed {self._at(episode['confirmed_at'])}"
            if excluded_at := episode.get("excluded_at"):
                yield f"episode {episode['number']}: excluded {self._at(excluded_at)} ({words(episode['why'])})"
        for positive in intake.get("unplaced", ()):
            what = f"result {positive['result_id']} of {positive['lab']}, {self._at(positive['resulted_at'])}"
            yield f"positive that confirms nobody: {what} ({NOT_CONFIRMED[positive['reason']]})"
        for other in intake.get("duplicates", ()):
            yield f"the same person is case {other['case_id']}: both run since {self._at(other['since'])}"
        for sent in intake.get("transfers", ()):
            to = f"to {sent['to_institution_id']}" if "to_institution_id" in sent else "to a hospital not found yet"
            needs = f" (needs {', '.join(sent['required_capabilities'])})" if sent.get("required_capabilities") else ""
            yield f"transfer {to}{needs}: {sent['stage']}"

    def _on_the_ward(self) -> Iterator[RenderableType]:
        treatment = self._of("treatment")
        for stay in treatment.get("admissions", ()):
            yield f"admitted to {stay['institution_id']} {self._at(stay['admitted_at'])}"
        for severity in treatment.get("severity", ()):
            why = f": {', '.join(severity['criteria'])}" if severity.get("criteria") else ""
            protocol = f" ({severity['protocol']})" if "protocol" in severity else ""
            yield f"severity {severity['severity']}, by {severity['by']}{protocol}{why}"
        records = ("vital_signs", "symptoms", "imaging", "treatments", "comorbidities")
        counts = [f"{len(treatment[name])} × {words(name)}" for name in records if treatment.get(name)]
        yield from [f"recorded: {', '.join(counts)}"] if counts else []
        if results := treatment.get("results"):
            yield self._results(results)
        for result in treatment.get("results", ()):
            name = f"result {result['result_id']} of {result['lab']}"
            if result.get("test_not_understood"):
                yield f"{name}: test not understood: {result['test']} is on no list, no rule counts it"
            if result.get("corrects_a_result_that_nobody_has"):
                yield f"{name}: corrects a result that nobody has"

    def _results(self, results: Sequence[Known]) -> Table:
        table = plain_table("collected", "specimen", "result", "status", "setting")
        for result in results:
            notes = [f"{result['versions']} versions"] if result["versions"] > 1 else []
            notes += [words(note) for note in NOTES if result.get(note)]
            noted = f" ({', '.join(notes)})" if notes else ""
            row = (result["specimen_type"], result["result"], result["status"] + noted, result["setting"])
            table.add_row(self._at(result["collected_at"]), *(words(value) for value in row))
        return table

    def _way_out(self) -> Iterator[RenderableType]:
        known = self._of("discharge")
        for episode in known.get("episodes", ()):
            yield from self._episode(episode)
        for other in known.get("other_stays", ()):
            yield f"another stay ended {self._discharged(other)}"
        for conflict in known.get("conflicts", ()):
            what = f"{self._discharged(conflict)}{self._answer(conflict)}"
            yield f"ends nothing, {CONFLICTS[conflict['conflict']]}: {what}"
        for waiting in known.get("waiting", ()):
            yield f"no admission explains it: {self._discharged(waiting)}{self._answer(waiting)}"

    def _discharged(self, report: Known) -> str:
        to = f", to {report['destination']}" if report.get("destination") else ""
        how = words(f"{report['disposition']}{to}")
        return f"{self._at(report['discharged_at'])} by {report['institution_id']}: {how}"

    def _answer(self, report: Known) -> str:
        """That its hospital was told of the conflict, or when it will be."""
        if "answered_at" not in report:
            return ""
        return ", answered as a conflict" if report["answered"] else f", answered {self._at(report['answered_at'])}"

    def _episode(self, episode: Known) -> Iterator[RenderableType]:
        criteria = episode["criteria"]
        met = "met" if criteria["met"] else "not met"
        as_of = self._at(criteria["as_of"])
        yield heading(
            f"Discharge criteria of episode {episode['episode']} ({criteria['protocol']}): {met} as of {as_of}"
        )
        table = plain_table("criterion", "", "since, or at the earliest", "facts", figures=("facts",))
        for criterion in criteria["list"]:
            when = criterion.get("since") if criterion["met"] else criterion.get("next_possible_at")
            mark = "[green]met[/green]" if criterion["met"] else "not met"
            table.add_row(words(criterion["name"]), mark, self._at(when), str(len(criterion.get("evidence", ()))))
        yield table
        for end in episode["discharges"]:
            undone = f", revoked {self._at(end['revoked_at'])}: {words(end['why'])}" if end["why"] else ""
            yield f"discharged {self._discharged(end)}{undone}"
        if broken := episode["violation"]:
            yield f"[red]against the rules ({broken['protocol']}):[/red] without {words(', '.join(broken['unmet']))}"

    def _primary_care(self) -> Iterator[RenderableType]:
        known = self._of("primarycare")
        for one in known.get("aftercare", ()):
            yield heading(f"Primary care after the discharge of {self._at(one['discharged_at'])}")
            yield NOTIFICATIONS[one["notification"]].format(institution=one["primary_institution_id"])
            yield from self._unplaced(one.get("unplaced"))
            yield from [f"lies in {one['lies_in']}"] if one.get("lies_in") else []
            confirmed = one.get("confirmed", True) or self._of("intake").get("status") == "confirmed"
            yield from [] if confirmed else ["not a confirmed case"]
            if linkage := one["linkage"]:
                by = linkage["accepted_by"] or ", ".join(asked["institution_id"] for asked in linkage["requests"])
                to = by or "no institution to ask is known"
                yield f"linkage for {', '.join(one['conditions'])}: {to}, {_state(linkage)}"
                yield from self._escalated(linkage)
        if alerts := known.get("alerts", ()):
            yield heading("Alerts")
        for alert in alerts:
            to = ", ".join(alert["recipients"]) or "no recipient is known"
            yield f"{alert['severity']} alert of day {alert['day']}{again(alert)}: {words(alert['why'])}"
            yield f"  to {to}: {_state(alert)}"
            yield from self._escalated(alert)

    def _unplaced(self, found: Known | None) -> Iterator[str]:
        """That nobody near home is known, why, and when the municipal commission is told."""
        if found is None:
            return
        why = "the district is not known" if found["why"] == "district_unknown" else "the district has no centre"
        whom = f"{found['notified']} was told" if found["notified"] else "the municipal health commission is told"
        over = "over" if found["is_over"] else f"{whom} {self._at(found['tell_by'])}"
        yield f"  {why}, since {self._at(found['since'])}; {over}"

    def _at_home(self) -> Iterator[RenderableType]:
        for plan in self._of("followup").get("plans", ()):
            yield from plan_sections(plan, self._at, (self._of("intake").get("person") or {}).get("residence"))

    def _online(self) -> Iterator[RenderableType]:
        consultations = self._of("consultation").get("consultations", ())
        yield from [heading("Online care")] if consultations else []
        for one in consultations:
            of = f" ({counted(len(one['symptoms']), 'symptom')})" if one["symptoms"] else ""
            how = CONSULTATIONS[one["state"]].format(held_at=self._at(one["held_at"]))
            yield f"asked {self._at(one['requested_at'])}{of}: {how}"
            seen_at = one["institution_id"] or ("an institution not found yet" if one["refers"] else "")
            yield from [f"  referred to {seen_at}"] if seen_at else []

    def _escalated(self, waiting: Known) -> Iterator[str]:
        """How far a linkage or an alert was escalated, and when the next level follows."""
        so_far = [f"escalated to level {waiting['level']}"] if waiting["level"] else []
        goes_on = waiting["next_at"] and not waiting["ending"]
        then = [f"level {waiting['level'] + 1} follows {self._at(waiting['next_at'])}"] if goes_on else []
        yield from [f"  {'; '.join([*so_far, *then])}"] if so_far or then else []

    def _at(self, instant: str | None) -> str:
        if instant is None:
            return ""
        moment = datetime.fromisoformat(instant)
        return f"{moment.astimezone(self._zone) if self._zone else moment:%Y-%m-%d %H:%M}"


def _country(person: Known) -> str:
    country: str = person.get("origin_country", UNKNOWN)
    return "a country not known" if country == UNKNOWN else country


def _state(waiting: Known) -> str:
    """Where a linkage or an alert stands, and why it ended."""
    why = f" ({words(waiting['ending']['why'])})" if waiting["ending"] else ""
    return f"{words(waiting['state'])}{why}"
