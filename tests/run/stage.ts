import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { end, lasting, mentions, named, processes } from "./processes";

export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface Surroundings {
  env?: Record<string, string>;
  cwd?: string;
}

export interface Test {
  title: string;
  seconds: number;
  /** What was wrong; only of a test that failed. */
  failure?: string;
}

/** What a stage found, and how long each of its tests took. */
export interface Outcome extends Count {
  tests: Test[];
}

export const nothing: Outcome = { passed: 0, failed: 0, skipped: 0, tests: [] };

/**
 * One part of a test run. Several run at the same time, so each begins its lines with its name and has a folder of its
 * own for everything temporary; a process that still mentions the folder when the stage is over was left behind.
 */
export class Stage {
  readonly folder: string;

  constructor(
    readonly name: string,
    within: string,
  ) {
    // Sockets of Ray lie deep below it, and their whole path may have 107 bytes.
    this.folder = join(within, name);
    mkdirSync(this.folder, { mode: 0o755 });
  }

  say(line: string): void {
    console.log(`${this.name.padEnd(7)}│ ${line}`);
  }

  /** Runs a program to its end. @returns its exit status */
  async run(command: string, args: readonly string[], { env, cwd }: Surroundings = {}): Promise<number> {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
        TMPDIR: this.folder,
        ...env,
      },
    });
    this.#show(child.stdout);
    this.#show(child.stderr);
    return exitStatus(child);
  }

  #show(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => this.say(line));
  }

  /** Does a stage's work; what stops it altogether is one failure, and so is a process that it leaves behind. */
  async outcome(work: (stage: Stage) => Promise<Outcome>): Promise<Outcome> {
    const started = performance.now();
    const found = await work(this).catch((error: unknown) => {
      const failure = error instanceof Error ? error.message : String(error);
      this.say(failure);
      return { ...nothing, failed: 1, tests: [{ title: this.name, seconds: 0, failure }] };
    });
    const left = await lasting(() =>
      processes().filter((found) => found.pid !== process.pid && mentions(found, this.folder)),
    );
    const leaks = left.map((process) => `left behind: ${named(process)}`);
    for (const leak of leaks) this.say(leak);
    end(left);
    const outcome =
      leaks.length === 0
        ? found
        : sum([
            found,
            { ...nothing, failed: 1, tests: [{ title: this.name, seconds: 0, failure: leaks.join("\n") }] },
          ]);
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    this.say(`${outcome.failed > 0 ? "✗" : "✓"} ${sentence(outcome)} in ${minutes} min`);
    return outcome;
  }

  /** A program that passes or fails as a whole. */
  async whole(command: string, args: readonly string[], surroundings?: Surroundings): Promise<Outcome> {
    const started = performance.now();
    const ok = (await this.run(command, args, surroundings)) === 0;
    const title = `${this.name}: ${[command.split("/").at(-1), ...args].join(" ").slice(0, 80)}`;
    return {
      passed: ok ? 1 : 0,
      failed: ok ? 0 : 1,
      skipped: 0,
      tests: [
        {
          title,
          seconds: (performance.now() - started) / 1000,
          ...(ok ? {} : { failure: `Its lines begin with ${this.name}.` }),
        },
      ],
    };
  }
}

async function exitStatus(child: ChildProcess): Promise<number> {
  const [code] = await once(child, "close");
  return code ?? 1;
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
      tests: [...a.tests, ...b.tests],
    }),
    nothing,
  );
}

export function sentence({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
