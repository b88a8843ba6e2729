import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, startChild } from "../../server/child";

/** How much of an engine's complaint is kept. */
const COMPLAINT_CHARACTERS = 4000;

export interface EngineEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it said last on its error output. */
  complaint: string;
}

/**
 * Runs an engine in a run's folder until it ends. An engine that a killed worker left behind is killed first:
 * two must never write into one folder.
 */
export class EngineProcess {
  readonly pid: number;
  readonly ended: Promise<EngineEnd>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pidFile: string) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    let complaint = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS);
    });
    this.ended = once(child, "exit").then(async ([code, signal]) => {
      await rm(pidFile, { force: true });
      return { code, signal, complaint: complaint.trim() };
    });
  }

  static async start(folder: string, command: Command): Promise<EngineProcess> {
    const pidFile = join(folder, "engine.pid");
    killOrphan(pidFile, folder);
    const child = startChild(command, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    await once(child, "spawn");
    await writeFile(pidFile, String(child.pid));
    return new EngineProcess(child, pidFile);
  }

  /** Saves a checkpoint after the step and ends. */
  stop(): void {
    this.#child.kill("SIGTERM");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

function killOrphan(pidFile: string, folder: string): void {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    // The number may be another program's by now: an engine of ours names the folder.
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)) process.kill(pid, "SIGKILL");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOENT" && code !== "ESRCH") throw error;
  }
}

/** What a person should read of a complaint: the engine's own sentence, or the first line of a crash. */
export function sentenceOf(complaint: string): string {
  const lines = complaint.split("\n").filter(Boolean);
  const crash = lines.find((line) => /^\w*Error\b/.test(line));
  return crash ? `The engine crashed: ${crash}` : (lines.at(-1) ?? "");
}
