// How the call centre reaches the bus and followup: the addresses, the secrets' files, and whom it trusts.

import { readFileSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";

const { env } = process;
export const NAME = env.CALLCENTRE_NAME; // of the principal callcentre-<name>, whose source is /callcentres/<name>

/** What is in the file that a variable names; undefined without the variable. */
const content = (variable) => env[variable] && readFileSync(env[variable], "utf8").trim();

/** The bus: with a password SCRAM over TLS, without one plain text. */
export function kafka() {
  const password = content("KAFKA_PASSWORD_FILE");
  const secured = password && {
    ssl: { ca: content("KAFKA_CA_FILE") },
    sasl: { mechanism: "scram-sha-512", username: `callcentre-${NAME}`, password },
  };
  return new Kafka({ brokers: env.KAFKA_BOOTSTRAP_SERVERS.split(","), logLevel: logLevel.ERROR, ...secured });
}

/** What followup answers. Throws its reason when it refuses. `fetch` trusts NODE_EXTRA_CA_CERTS besides. */
export async function ask(path) {
  const token = content("FOLLOWUP_TOKEN_FILE"); // read anew each time: a token lives for minutes
  const headers = { "Purpose-Of-Use": "PUBHLTH", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(env.FOLLOWUP_URL + path, { headers });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}
