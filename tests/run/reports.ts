import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { Outcome } from "./stage";

/** What vitest, Playwright and pytest write about a run. */

async function readReport<T>(file: string, shape: z.ZodType<T>): Promise<T> {
  return shape.parse(JSON.parse(await readFile(file, "utf8")));
}

/** A runner can fail without a failed test: an import that throws, an error after the last test. */
function counted(status: number, outcome: Outcome): Outcome {
  if (status === 0 || outcome.failed > 0) return outcome;
  const failure = `It ended with status ${status}, and no test says why: its lines above do.`;
  return { ...outcome, failed: 1, tests: [...outcome.tests, { title: "the runner", seconds: 0, failure }] };
}

const failureOf = (messages: readonly string[]): { failure?: string } =>
  messages.length > 0 ? { failure: stripVTControlCharacters(messages.join("\n")) } : {};

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export async function vitestOutcome(file: string, status: number): Promise<Outcome> {
  const report = await readReport(file, vitestReport);
  return counted(status, {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    tests: report.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const file = relative(process.cwd(), name);
      const tests = assertionResults.map(({ fullName, duration, failureMessages }) => ({
        title: `${file}: ${fullName}`,
        seconds: (duration ?? 0) / 1000,
        ...failureOf(failureMessages ?? []),
      }));
      // A file can fail beside its tests: it cannot be imported, or leaves something behind.
      const itself = status === "failed" && !tests.some(({ failure }) => failure !== undefined);
      return itself ? [...tests, { title: file, seconds: 0, failure: message || "The file failed." }] : tests;
    }),
  });
}

const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.string(),
      results: z.array(
        z.object({
          duration: z.number(),
          errors: z.array(z.object({ message: z.string().optional() })),
        }),
      ),
    }),
  ),
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
    tests: suites.flatMap(specsOf).map(({ title, file, tests }) => {
      const results = tests.flatMap((test) => test.results);
      const failed = tests.some(({ status }) => status === "unexpected" || status === "flaky");
      const errors = results.flatMap((result) => result.errors.map(({ message }) => message ?? "no message"));
      return {
        title: `${file}: ${title}`,
        seconds: results.reduce((sum, { duration }) => sum + duration, 0) / 1000,
        ...failureOf(failed ? errors : []),
      };
    }),
  });
}

/** Of pytest's JUnit file the attributes of suites, cases and failures are read. */
export async function pytestOutcome(file: string, status: number): Promise<Outcome> {
  const text = await readFile(file, "utf8");
  const pairs = (tag: string) =>
    new Map([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const suites = [...text.matchAll(/<testsuite ([^>]*)>/g)].map(([, tag]) => pairs(tag));
  const total = (name: string) => suites.reduce((sum, suite) => sum + Number(suite.get(name) ?? 0), 0);
  const [failed, skipped] = [total("failures") + total("errors"), total("skipped")];
  return counted(status, {
    passed: total("tests") - failed - skipped,
    failed,
    skipped,
    tests: text
      .split("<testcase ")
      .slice(1)
      .map((written) => {
        const test = pairs(written.slice(0, written.indexOf(">")));
        const wrong = /<(?:failure|error) ([^>]*)>/.exec(written);
        return {
          title: `workers/torch: ${test.get("classname")} ${test.get("name")}`,
          seconds: Number(test.get("time") ?? 0),
          ...failureOf(wrong ? [pairs(wrong[1]).get("message") ?? "no message"] : []),
        };
      }),
  });
}
