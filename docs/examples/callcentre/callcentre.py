"""A call centre: phones the patients whom followup asks for, and reports how each call ended."""

import asyncio
import contextlib
import json
import os
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from reach import NAME, ask, followup, kafka

REPORTS = uuid5(NAMESPACE_URL, f"https://callcentre.example/{NAME}")  # choose one, and keep it
JOURNAL = Path(os.environ.get("CALLCENTRE_JOURNAL", "calls.jsonl"))  # stands for your own database
PAGE = os.environ.get("CALLCENTRE_PAGE", "100")
LOOK_AGAIN_SECONDS = 30
REQUESTED, COMPLETED = "afterward.CallRequested.v1", "afterward.CallCompleted.v1"
OUTCOMES = ("reached", "no_answer", "wrong_number", "refused")

calls = {}  # (case, call) -> the last word on it
written = JOURNAL.read_text().splitlines() if JOURNAL.exists() else ()
journal = {report["id"]: report for report in map(json.loads, written)}
sent = set()  # ids of reports, since this process began


def report_id(call):
    """The same for one call, however often it is reported."""
    return str(uuid5(REPORTS, f"{call['call_id']}/{call['attempt']}"))


def fold(event):
    """Keeps the last word on a call, and says what became of our reports."""
    case_id, data = event["subject"], event["data"]
    if event["type"] == "afterward.ReportRejected.v1" and data["report_id"] in journal:
        print(f"{case_id}: the report is refused: {data['code']}", flush=True)
    if event["type"] in {REQUESTED, COMPLETED}:
        before = calls.get((case_id, data["call_id"]))
        if before is None or int(event["sequence"]) > int(before["sequence"]):
            calls[case_id, data["call_id"]] = event
            if event["type"] == COMPLETED and report_id(data) in journal:
                print(f"{case_id}: call {data['attempt']} is closed: {data['outcome']}", flush=True)


async def due(http):
    """What is on the work list and open by the topic as well, the first due first: (case, call, the instant)."""
    page, found = {"jurisdiction": os.environ["CALLCENTRE_JURISDICTION"], "limit": PAGE}, []
    while True:
        answer = await ask(http, "/v1/worklists/calls", **page)
        for case_id, call in ((entry["key"], entry["item"]) for entry in answer["entries"]):
            word = calls.get((case_id, call["call_id"]), {"type": None})
            if word["type"] == REQUESTED and not word["data"].get("withdrawn"):
                found.append((case_id, call, answer["now"]))
        if answer["next"] is None:
            return found
        page["after"] = answer["next"]


async def phone(http, case_id, call, called_at):
    """Shows a case, and asks whoever phones how the call ended; that is written down before it is sent."""
    status = (await ask(http, f"/v1/cases/{case_id}"))["known"]["plans"][-1]["status"]
    print(f"{case_id}: call {call['attempt']} of {call['calls']}, {call['why']}; {status['state']}", end=" ")
    print(f"since {status['since']}, days {status['missing_now']} missing, {status['open_alerts']} open alerts")
    outcome = None
    while outcome not in OUTCOMES:
        outcome = await asyncio.to_thread(input, f"{', '.join(OUTCOMES)}?\n")
    report = {"specversion": "1.0", "id": report_id(call), "type": "afterward.CallReported.v1"}
    report |= {"source": f"/callcentres/{NAME}", "subject": case_id, "time": called_at}
    report |= {"recordedtime": called_at, "datacontenttype": "application/json"}
    ended = {"case_id": case_id, "call_id": call["call_id"], "called_at": called_at, "outcome": outcome}
    write_down({**report, "data": ended})


def write_down(report):
    """Before it is sent: whoever is killed in between sends it after the next start."""
    with JOURNAL.open("a") as file:
        print(json.dumps(report), file=file)
    journal[report["id"]] = report


async def work(http, producer):
    """One call, if one is due: phoned, or sent again where the journal has it already. Returns whether there was."""
    found = [one for one in await due(http) if report_id(one[1]) not in sent]
    print(f"{len(found)} to be called", flush=True)
    if not found:
        return False
    case_id, call, now = found[0]  # by the clock of followup, which judges the report
    if report_id(call) not in journal:
        await phone(http, case_id, call, now)
    report = json.dumps(journal[report_id(call)]).encode()
    await producer.send_and_wait("followup.reports.v1", report, key=case_id.encode())
    sent.add(report_id(call))
    return True


async def main():
    topics, look_at, clock = ("followup.events.v1", "followup.rejections.v1"), 0, asyncio.get_running_loop().time
    consumer = AIOKafkaConsumer(*topics, auto_offset_reset="earliest", **kafka())
    async with consumer, AIOKafkaProducer(acks="all", **kafka()) as producer, followup() as http:
        while True:
            batches = await consumer.getmany(timeout_ms=1000)
            for record in (record for batch in batches.values() for record in batch):
                fold(json.loads(record.value))
            if batches:
                look_at = 0  # there is news: look as soon as all of it has been read
            elif clock() >= look_at:
                try:
                    look_at = 0 if await work(http, producer) else clock() + LOOK_AGAIN_SECONDS
                except (RuntimeError, TimeoutError, aiohttp.ClientError) as failed:
                    print(f"followup is asked again later: {failed}", flush=True)
                    look_at = clock() + LOOK_AGAIN_SECONDS


with contextlib.suppress(EOFError, KeyboardInterrupt):
    asyncio.run(main())
