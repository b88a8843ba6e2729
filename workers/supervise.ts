import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { log } from "../server/log";

/** A program that ran this long before it ended is restarted at once; one that keeps failing waits longer each time. */
const HEALTHY_MS = 10_000;
/** People wait for it: even a program that keeps failing is away no longer than this between two tries. */
const LONGEST_WAIT_MS = 3_000;
/** Longer than any request or database step takes. */
const DRAIN_MS = 20_000;

export interface Program {
  name: string;
  /** Arguments for Node. */
  args: string[];
  env: NodeJS.ProcessEnv;
}

export interface Supervised {
  /** Asks the program to finish what it does and end, and kills it if it takes too long. */
  stop(): Promise<void>;
  kill(): void;
}

/** How long to wait before each restart of one program, by how long it ran before it ended. */
export function restartPauses(): (ranMs: number) => number {
  let failures = 0;
  return (ranMs) => {
    failures = ranMs > HEALTHY_MS ? 0 : failures + 1;
    return failures <= 1 ? 0 : Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures);
  };
}

/** Keeps a Node program running until it is stopped: restarted with a growing pause when it ends by itself. */
export function supervise({ name, args, env }: Program): Supervised {
  let child: ChildProcess;
  let stopping = false;
  const pauseAfter = restartPauses();
  let pause: NodeJS.Timeout | undefined;

  function start() {
    const startedAt = Date.now();
    // Its own process group: Ctrl-C reaches the supervisor alone, which stops everything in order.
    // The channel tells the program when the supervisor itself is gone.
    child = spawn(process.execPath, args, {
      env,
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.once("exit", (code, signal) => {
      if (stopping) return;
      const waitMs = pauseAfter(Date.now() - startedAt);
      log.error({ program: name, code, signal, waitMs }, "program ended unexpectedly and is restarted");
      pause = setTimeout(start, waitMs);
    });
  }
  start();

  return {
    async stop() {
      stopping = true;
      clearTimeout(pause);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), DRAIN_MS);
      await ended;
      clearTimeout(patience);
    },
    kill() {
      stopping = true;
      child.kill("SIGKILL");
    },
  };
}
