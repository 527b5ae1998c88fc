"""A case as people read it: who, where it stands, the criteria, and the grid of days. Programs take `--json`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from afterward.cli.console import counted, heading, plain_table, words
from afterward.cli.plan_table import Known, plan_sections


class CaseView:
    """What the services know of one case, section by section; times are the case's own."""

    def __init__(self, case_id: str, known: Known) -> None:
        self.case_id, self.known = case_id, known
        zone = (self._of("intake").get("person") or {}).get("time_zone")
        self._zone = ZoneInfo(zone) if zone else None

    def sections(self) -> Iterator[RenderableType]:
        """From who the case is to what its plan still asks for."""
        yield Text(" · ".join(self._who()), style="bold")
        yield from self._stuck()
        yield from self._came_in()
        yield from self._on_the_ward()
        for episode in self._of("discharge").get("episodes", ()):
            yield from self._way_out(episode)
        yield from self._near_home()
        for plan in self._of("followup").get("plans", ()):
            yield from plan_sections(plan, self._at)

    def _of(self, service: str) -> Known:
        found: Known = self.known.get(service) or {}
        return found

    def _who(self) -> Iterable[str]:
        intake = self._of("intake")
        person = intake.get("person") or {}
        age, home = person.get("age"), person.get("residence")
        yield self.case_id
        yield from (str(person[name]) for name in ("sex", "nationality") if name in person)
        yield from [f"{age['value']} {age['unit']}"] if age else []
        yield from [f"{home['jurisdiction']} {home['district']}"] if home else []
        yield self._of("discharge").get("stage", "not known to discharge").replace("_", " ")

    def _stuck(self) -> Iterator[RenderableType]:
        """Whoever reads a case has to know that it is an old one."""
        stuck = [name for name, known in self.known.items() if known.get("stuck")]
        if stuck:
            yield f"[red]stuck at {', '.join(stuck)}[/red]: what came since is not in here (afterward parked list)"

    def _came_in(self) -> Iterator[RenderableType]:
        intake = self._of("intake")
        person = intake.get("person") or {}
        if "arrived_at" in person:
            by = f" by {person['flight']}" if "flight" in person else ""
            yield f"arrived {self._at(person['arrived_at'])} from {person['origin_country']}{by}"
        for episode in intake.get("episodes", ()):
            yield f"episode {episode['number']}: {intake['origin']}, confirmed {self._at(episode['confirmed_at'])}"
        for sent in intake.get("transfers", ()):
            needs = ", ".join(sent.get("required_capabilities", ())) or "nothing special"
            yield f"sent to {sent.get('to_institution_id', 'nobody yet')} ({needs}): {sent['stage']}"

    def _on_the_ward(self) -> Iterator[RenderableType]:
        treatment = self._of("treatment")
        for stay in treatment.get("admissions", ()):
            yield f"admitted to {stay['institution_id']} {self._at(stay['admitted_at'])}"
        for severity in treatment.get("severity", ()):
            why = f": {', '.join(severity['criteria'])}" if severity.get("criteria") else ""
            yield f"{severity['severity']} by {severity['by']} ({severity.get('protocol', '-')}){why}"
        records = ("vital_signs", "symptoms", "imaging", "treatments", "comorbidities")
        counts = [f"{len(treatment[name])} {name.replace('_', ' ')}" for name in records if treatment.get(name)]
        yield from [f"recorded: {', '.join(counts)}"] if counts else []
        if results := treatment.get("results"):
            yield self._results(results)

    def _results(self, results: Sequence[Known]) -> Table:
        table = plain_table("collected", "specimen", "result", "status", "setting")
        for result in results:
            versions = f" ({result['versions']} versions)" if result["versions"] > 1 else ""
            row = (result["specimen_type"], result["result"], result["status"] + versions, result["setting"])
            table.add_row(self._at(result["collected_at"]), *(words(value) for value in row))
        return table

    def _way_out(self, episode: Known) -> Iterator[RenderableType]:
        criteria = episode["criteria"]
        met = "met" if criteria["met"] else "not met"
        as_of = self._at(criteria["as_of"])
        yield heading(f"Discharge criteria of episode {episode['episode']} ({criteria['protocol']}): {met}, {as_of}")
        table = plain_table("criterion", "", "since, or not before", "evidence")
        for criterion in criteria["list"]:
            when = criterion.get("since") if criterion["met"] else criterion.get("next_possible_at")
            evidence = counted(len(criterion.get("evidence", ())), "fact")
            mark = "[green]met[/green]" if criterion["met"] else "not met"
            table.add_row(words(criterion["name"]), mark, self._at(when), evidence)
        yield table
        for end in episode["discharges"]:
            undone = f", revoked {self._at(end['revoked_at'])}: {end['why']}" if end["why"] else ""
            how = f"{end['disposition']}, to {end['destination']}{undone}"
            yield f"discharged {self._at(end['discharged_at'])} by {end['institution_id']}: {words(how)}"
        if broken := episode["violation"]:
            yield f"[red]against the rules ({broken['protocol']}):[/red] without {words(', '.join(broken['unmet']))}"

    def _near_home(self) -> Iterator[RenderableType]:
        known = self._of("primarycare")
        for one in known.get("aftercare", ()):
            told = one["primary_institution_id"] or "nobody"
            yield f"near home, after {self._at(one['discharged_at'])}: {told}, {words(one['notification'])}"
            if linkage := one["linkage"]:
                by = linkage["accepted_by"] or ", ".join(asked["institution_id"] for asked in linkage["requests"])
                yield f"linkage for {', '.join(one['conditions'])}: {by or 'nobody'}, {self._stands(linkage)}"
        for alert in known.get("alerts", ()):
            to = ", ".join(alert["recipients"]) or "nobody"
            yield f"{alert['severity']} alert to {to}: {self._stands(alert)}"

    def _stands(self, waiting: Known) -> str:
        """Where a linkage or an alert stands, how far it was escalated, and when the next level follows."""
        level = f", level {waiting['level']}" if waiting["level"] else ""
        then = f", next level {self._at(waiting['next_at'])}" if waiting["next_at"] and not waiting["ending"] else ""
        why = f" ({words(waiting['ending']['why'])})" if waiting["ending"] else ""
        return f"{words(waiting['state'])}{why}{level}{then}"

    def _at(self, instant: str | None) -> str:
        if instant is None:
            return ""
        moment = datetime.fromisoformat(instant)
        return f"{moment.astimezone(self._zone) if self._zone else moment:%Y-%m-%d %H:%M}"
