// A call centre: phones the patients whom followup asks for, and reports how each call ended.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { NAME, ask, kafka } from "./reach.mjs";

const { CALLCENTRE_JURISDICTION, CALLCENTRE_PAGE = "100" } = process.env;
const JOURNAL = process.env.CALLCENTRE_JOURNAL ?? "calls.jsonl"; // stands for your own database
const REPORTS = uuid5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", `https://callcentre.example/${NAME}`); // RFC 9562: URLs
const LOOK_AGAIN_MS = 30_000;
const [REQUESTED, COMPLETED] = ["afterward.CallRequested.v1", "afterward.CallCompleted.v1"];
const OUTCOMES = ["reached", "no_answer", "wrong_number", "refused"];

const calls = new Map(); // case and call -> the last word on it
const written = existsSync(JOURNAL) ? readFileSync(JOURNAL, "utf8").split("\n").filter(Boolean) : [];
const journal = new Map(written.map((line) => JSON.parse(line)).map((report) => [report.id, report]));
const sent = new Set(); // ids of reports, since this process began
const typed = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let lookAt = 0;

function uuid5(namespace, name) {
  const hash = createHash("sha1").update(Buffer.from(namespace.replaceAll("-", ""), "hex")).update(name).digest();
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  return hash.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The same for one call, however often it is reported. */
const reportId = (call) => uuid5(REPORTS, `${call.call_id}/${call.attempt}`);

/** Keeps the last word on a call, and says what became of our reports. */
function fold({ type, subject, sequence, data }) {
  if (type === "afterward.ReportRejected.v1" && journal.has(data.report_id)) {
    console.log(`${subject}: the report is refused: ${data.code}`);
  }
  if (type !== REQUESTED && type !== COMPLETED) return;
  const call = `${subject} ${data.call_id}`;
  if (calls.has(call) && BigInt(sequence) <= BigInt(calls.get(call).sequence)) return;
  calls.set(call, { type, sequence, data });
  if (type === COMPLETED && journal.has(reportId(data))) {
    console.log(`${subject}: call ${data.attempt} is closed: ${data.outcome}`);
  }
}

/** What is on the work list and open by the topic as well, the first due first. */
async function due() {
  const page = new URLSearchParams({ jurisdiction: CALLCENTRE_JURISDICTION, limit: CALLCENTRE_PAGE });
  const found = [];
  for (;;) {
    const { entries, next, now } = await ask(`/v1/worklists/calls?${page}`);
    for (const { key: caseId, item: call } of entries) {
      const word = calls.get(`${caseId} ${call.call_id}`);
      if (word?.type === REQUESTED && !word.data.withdrawn) found.push({ caseId, call, now });
    }
    if (next === null) return found;
    page.set("after", next);
  }
}

/** Shows a case, and asks whoever phones how the call ended; that is written down before it is sent. */
async function phone(caseId, call, calledAt) {
  const { status } = (await ask(`/v1/cases/${caseId}`)).known.plans.at(-1);
  const standing = `${status.state} since ${status.since}, days ${JSON.stringify(status.missing_now)} missing`;
  console.log(`${caseId}: call ${call.attempt} of ${call.calls}, ${call.why}; ${standing}, ${status.open_alerts} open alerts`);
  let outcome;
  while (!OUTCOMES.includes(outcome)) {
    console.log(`${OUTCOMES.join(", ")}?`);
    const { value, done } = await typed.next();
    if (done) process.exit();
    outcome = value;
  }
  const report = {
    specversion: "1.0", id: reportId(call), type: "afterward.CallReported.v1", source: `/callcentres/${NAME}`,
    subject: caseId, time: calledAt, recordedtime: calledAt, datacontenttype: "application/json",
    data: { case_id: caseId, call_id: call.call_id, called_at: calledAt, outcome },
  };
  appendFileSync(JOURNAL, `${JSON.stringify(report)}\n`);
  journal.set(report.id, report);
}

/** One call, if one is due: phoned, or sent again where the journal has it already. Returns whether there was. */
async function work(producer) {
  const found = (await due()).filter(({ call }) => !sent.has(reportId(call)));
  console.log(`${found.length} to be called`);
  if (!found.length) return false;
  const [{ caseId, call, now }] = found; // by the clock of followup, which judges the report
  const id = reportId(call);
  if (!journal.has(id)) await phone(caseId, call, now);
  const messages = [{ key: caseId, value: JSON.stringify(journal.get(id)) }];
  await producer.send({ topic: "followup.reports.v1", acks: -1, messages });
  sent.add(id);
  return true;
}

const [bus, topics] = [kafka(), ["followup.events.v1", "followup.rejections.v1"]];
// This client reads in a group only: one for this process. Nothing is committed, so each start reads from the beginning.
const consumer = bus.consumer({ groupId: `callcentre-${NAME}.${process.pid}`, sessionTimeout: 6000 });
const producer = bus.producer();
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topics, fromBeginning: true });
const eachMessage = async ({ message }) => {
  fold(JSON.parse(message.value));
  lookAt = 0; // there is news
};
await consumer.run({ autoCommit: false, eachMessage });
for (;;) {
  await sleep(1000);
  if (Date.now() < lookAt) continue;
  lookAt = Date.now() + LOOK_AGAIN_MS;
  const failed = ({ message }) => console.log(`it is tried again later: ${message}`);
  if (await work(producer).catch(failed)) lookAt = 0;
}
