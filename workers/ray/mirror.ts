import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Db } from "../../db/client";
import { eventLines, readJob } from "../../server/cluster/jobs";
import { type RunEvent, runEvent } from "../engine/train/events";
import type { Follower } from "../training/follower";

/**
 * A job's events.jsonl on this machine, as the site was told it: the run is followed from here on like one that
 * trains in this folder.
 */
export class Mirror {
  readonly #db: Db;
  readonly #runId: string;
  readonly #file: string;
  readonly #follow: () => Follower;
  #generation = -1;
  #lines = 0;
  #follower: Follower | undefined;
  /** What was said last, and by which submission. */
  last: { event: RunEvent | null; generation: number } = { event: null, generation: 0 };

  /** @param follow a new follower, which reads the file from its beginning */
  constructor(db: Db, { runId, folder, follow }: { runId: string; folder: string; follow: () => Follower }) {
    this.#db = db;
    this.#runId = runId;
    this.#file = join(folder, "output/events.jsonl");
    this.#follow = follow;
  }

  /** Takes over what came since the last call. @returns how many lines that were */
  async pull(): Promise<number> {
    const follower = await this.#restartAfterRewind();
    const lines = await eventLines(this.#db, this.#runId, this.#lines);
    const newest = lines.at(-1);
    if (newest === undefined) return 0;
    await appendFile(this.#file, lines.map((line) => `${line}\n`).join(""));
    this.#lines += lines.length;
    this.last = { event: parsed(newest), generation: this.#generation };
    await follower.read();
    return lines.length;
  }

  /** What the follower of the last submission knows, when it has read all. */
  async finish(): Promise<Follower> {
    await this.pull();
    const follower = await this.#restartAfterRewind();
    await follower.finish();
    return follower;
  }

  /** A new submission resumed and says some lines again: the file begins anew. Points written twice are one point. */
  async #restartAfterRewind(): Promise<Follower> {
    const { eventsGeneration } = await readJob(this.#db, this.#runId);
    if (this.#follower && eventsGeneration === this.#generation) return this.#follower;
    await mkdir(dirname(this.#file), { recursive: true });
    await rm(this.#file, { force: true });
    await writeFile(this.#file, "");
    this.#generation = eventsGeneration;
    this.#lines = 0;
    this.#follower = this.#follow();
    return this.#follower;
  }
}

function parsed(line: string): RunEvent | null {
  const result = runEvent.safeParse(JSON.parse(line));
  return result.success ? result.data : null;
}
