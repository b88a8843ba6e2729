import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What /proc tells of processes, to find those that a test leaves behind; nothing where there is no /proc. */

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined; // it ended meanwhile, or belongs to somebody else
  }
};

/** Every process that still runs. */
export function processes(): Process[] {
  const pids = (attempt(() => readdirSync("/proc")) ?? []).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
    // The name in brackets may hold anything.
    const [state, parent] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? ["Z"];
    if (state === "Z" || state === "X") return [];
    const line = attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
    return [{ pid: Number(pid), parent: Number(parent), command: line.replaceAll("\0", " ").trim() }];
  });
}

/** The processes that descend from one. */
export function descendants(of: number): Process[] {
  const all = processes();
  const found = new Set([of]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => pid !== of && found.has(pid));
}

/** Whether a process, its environment or its folder mentions a text that nothing else would. */
export function mentions({ pid, command }: Process, text: string): boolean {
  if (command.includes(text)) return true;
  if (attempt(() => readFileSync(`/proc/${pid}/environ`, "utf8"))?.includes(text)) return true;
  return attempt(() => readlinkSync(`/proc/${pid}/cwd`))?.includes(text) ?? false;
}

/** The TCP ports at which a process listens. */
export function listeningPorts(pid: number): number[] {
  const links = (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).map((fd) =>
    attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)),
  );
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? "")?.slice(1) ?? []));
  return ["tcp", "tcp6"].flatMap((table) =>
    (attempt(() => readFileSync(`/proc/${pid}/net/${table}`, "utf8")) ?? "").split("\n").flatMap((line) => {
      const [, address, , state, , , , , , inode] = line.trim().split(/\s+/);
      const listens = state === "0A" && sockets.has(inode);
      return listens ? [Number.parseInt(address.split(":")[1], 16)] : [];
    }),
  );
}

/** What is still there after a while in which things that were told to end may do so. */
export async function lasting<T>(find: () => T[], patienceMs = 5000): Promise<T[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = find();
    if (found.length === 0 || performance.now() > until) return found;
    await sleep(50);
  }
}

/** A line that names a process, for the person who looks for the leak. */
export function named({ pid, command }: Process): string {
  const ports = listeningPorts(pid);
  return `process ${pid}${ports.length > 0 ? `, listening at ${ports.join(", ")}` : ""}: ${command.slice(0, 300)}`;
}

/** Ends what leaked, so that the next test does not suffer from it. */
export function end(leaked: readonly Process[]): void {
  for (const { pid } of leaked) attempt(() => process.kill(pid, "SIGKILL"));
}
