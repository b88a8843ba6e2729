import { open, readFile } from "node:fs/promises";
import { type RunEvent, runEvent } from "../engine/train/events";

/** Follows an events.jsonl that grows, and reads it from its beginning when a resumed run has rewound it. */
export class EventFile {
  readonly #path: string;
  /** Rewinding puts a new file in place of the old one, and may have made it longer than the old one by now. */
  #inode: number | undefined;
  #offset = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** The events that came since the last call; a half-written line waits for its end. */
  async next(): Promise<RunEvent[]> {
    const text = await this.#read();
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      const parsed = line ? runEvent.safeParse(JSON.parse(line)) : null;
      return parsed?.success ? [parsed.data] : [];
    });
  }

  async #read(): Promise<string> {
    const file = await open(this.#path).catch(() => null);
    if (!file) return "";
    try {
      const { size, ino } = await file.stat();
      if (ino !== this.#inode) {
        this.#inode = ino;
        this.#offset = 0;
        this.#rest = "";
      }
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(size - this.#offset),
        0,
        size - this.#offset,
        this.#offset,
      );
      this.#offset += bytesRead;
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

/** Resident memory of a process in bytes; null where the system does not tell. */
export async function residentMemory(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const match = /^VmRSS:\s+(\d+) kB/m.exec(status);
  return match ? Number(match[1]) * 1024 : null;
}
