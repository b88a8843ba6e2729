import { readFileSync } from "node:fs";
import { InputError } from "../../server/statistics/estimate";
import { answerCases } from "./answer-cases";

/**
 * `npm run --silent statistics -- cases.json`: answers a list of cases with the functions that the pages use, and prints
 * a list of {id, value}. A case that cannot be answered has an {id, error} instead, also said on standard error, and the
 * exit code is 1.
 */
const [path] = process.argv.slice(2);
try {
  if (!path) throw new InputError("which cases? npm run --silent statistics -- cases.json");
  const answered = answerCases(readFileSync(path, "utf8"));
  console.log(JSON.stringify(answered));
  for (const each of answered) if ("error" in each) fail(each.error);
} catch (error) {
  fail(`${path ?? "statistics"}: ${error instanceof Error ? error.message : error}`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
