import type { Worker } from "node:worker_threads";
import { afterAll } from "vitest";
import { descendants, end, lasting, listeningPorts, named } from "./processes";

/**
 * Set up before every test file: a file that leaves a process, a worker thread or a listening port behind fails. Hooks
 * run in reverse order after the tests, so this one comes after those of the file itself.
 */
const before = { pids: new Set(descendants(process.pid).map(({ pid }) => pid)), ports: openPorts() };
const threads = new Set<Worker>();
process.on("worker", (worker) => {
  threads.add(worker);
  worker.once("exit", () => threads.delete(worker));
});

function openPorts(): Set<number> {
  return new Set(listeningPorts(process.pid));
}

function leaks(): string[] {
  return [
    ...descendants(process.pid)
      .filter(({ pid }) => !before.pids.has(pid))
      .map(named),
    ...[...openPorts()].filter((port) => !before.ports.has(port)).map((port) => `the listening port ${port}`),
    ...[...threads].map(({ threadId }) => `the worker thread ${threadId}`),
  ];
}

afterAll(async () => {
  const left = await lasting(leaks);
  end(descendants(process.pid).filter(({ pid }) => !before.pids.has(pid)));
  if (left.length > 0) throw new Error(`The tests of this file left behind:\n${left.join("\n")}`);
}, 30_000);
