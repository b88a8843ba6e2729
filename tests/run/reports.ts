import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { z } from "zod";
import type { Outcome } from "./stage";

/** What vitest, Playwright and pytest write about a run. */

async function readReport<T>(file: string, shape: z.ZodType<T>): Promise<T> {
  return shape.parse(JSON.parse(await readFile(file, "utf8")));
}

/** A runner can fail without a failed test: an import that throws, an error after the last test. */
function counted(status: number, outcome: Outcome): Outcome {
  return status !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), duration: z.number().nullish() })),
    }),
  ),
});

export async function vitestOutcome(file: string, status: number): Promise<Outcome> {
  const report = await readReport(file, vitestReport);
  return counted(status, {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    tests: report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, duration }) => ({
        title: `${relative(process.cwd(), name)}: ${fullName}`,
        seconds: (duration ?? 0) / 1000,
      })),
    ),
  });
}

const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(z.object({ results: z.array(z.object({ duration: z.number() })) })),
});
const playwrightSuite = z.object({
  specs: z.array(playwrightSpec),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});
const playwrightReport = z.object({
  suites: z.array(playwrightSuite),
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
});

export async function playwrightOutcome(file: string, status: number): Promise<Outcome> {
  const { suites, stats } = await readReport(file, playwrightReport);
  const specsOf = (suite: z.infer<typeof playwrightSuite>): z.infer<typeof playwrightSpec>[] => [
    ...suite.specs,
    ...(suite.suites ?? []).flatMap(specsOf),
  ];
  return counted(status, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
    tests: suites.flatMap(specsOf).map(({ title, file, tests }) => ({
      title: `tests/e2e/${file}: ${title}`,
      seconds:
        tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0) / 1000,
    })),
  });
}

/** Of pytest's JUnit file the attributes of suites and cases are read, which are all there is on their lines. */
export async function pytestOutcome(file: string, status: number): Promise<Outcome> {
  const text = await readFile(file, "utf8");
  const attributes = (tag: string) =>
    [...text.matchAll(new RegExp(`<${tag} ([^>]*)>`, "g"))].map(
      ([, all]) => new Map([...all.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
    );
  const total = (name: string) =>
    attributes("testsuite").reduce((sum, suite) => sum + Number(suite.get(name) ?? 0), 0);
  const [failed, skipped] = [total("failures") + total("errors"), total("skipped")];
  return counted(status, {
    passed: total("tests") - failed - skipped,
    failed,
    skipped,
    tests: attributes("testcase").map((test) => ({
      title: `workers/torch: ${test.get("classname")} ${test.get("name")}`,
      seconds: Number(test.get("time") ?? 0),
    })),
  });
}
