// Checks an AsyncAPI document with the parser of AsyncAPI: `node check-asyncapi.mjs published/asyncapi.json`.
// Exits 1 and names path and reason of each error; warnings are printed and pass. That parser does not look at the
// message examples of version 3: tests/schemas/test_generate.py does.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const file = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), { source: file });

for (const { severity, path, code, message } of diagnostics) {
  console.error(`${severity === ERROR ? "error" : "warning"}: ${path.join(".")}: ${message} (${code})`);
}
const failed = !document || diagnostics.some(({ severity }) => severity === ERROR);
console.log(failed ? `${file} is not valid` : `${file}: ${document.channels().length} channels, ${document.messages().length} messages, no errors`);
process.exit(failed ? 1 : 0);
