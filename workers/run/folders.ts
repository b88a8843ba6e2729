import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../../db/client";
import { model, run } from "../../db/schema";
import { instanceOf } from "../../server/artifact/collect";
import { folderIsOf, namesIn } from "../../server/artifact/store";
import { outlivedRuns } from "../../server/collection/retention";
import type { Collectable, Collected } from "../../server/collection/schema";

/** A folder below the data folder that may be nobody's any more. */
interface Folder {
  what: Collectable;
  path: string;
}

interface Found {
  /** Without a row. */
  nobodys: Folder[];
  /** How many have one. */
  kept: number;
  /** Those with a row that are kept no longer. */
  outlived?: Folder[];
}

async function lookThrough(db: Db, data: string): Promise<Required<Found>> {
  const found = [
    await runFolders(db, join(data, "runs")),
    await modelFolders(db, join(data, "models")),
    await hubFolders(db, join(data, "hub")),
  ];
  return {
    nobodys: found.flatMap(({ nobodys }) => nobodys),
    outlived: found.flatMap(({ outlived = [] }) => outlived),
    kept: found.reduce((sum, { kept }) => sum + kept, 0),
  };
}

/** Whether a data folder is this database's. Unmarked it is, when most of what lies there has a row. */
export async function claimFolder(db: Db, data: string): Promise<boolean> {
  return folderIsOf(data, await instanceOf(db), async () => {
    const { nobodys, kept } = await lookThrough(db, data);
    return nobodys.length <= kept;
  });
}

/**
 * Takes away what this machine keeps below `data` of runs and models that are deleted, or that their project keeps no
 * longer. Rows are made before folders, so a folder without its row is nobody's.
 * @returns null, with nothing taken, when the folder is another database's
 */
export async function collectFolders(db: Db, data: string, signal: AbortSignal): Promise<Collected[] | null> {
  if (!(await claimFolder(db, data))) return null;
  const { nobodys, outlived } = await lookThrough(db, data);
  const collected = new Map<Collectable, Collected>();
  for (const { what, path } of [...nobodys, ...outlived]) {
    signal.throwIfAborted();
    const bytes = await sizeOf(path);
    await rm(path, { recursive: true, force: true });
    const sofar = collected.get(what) ?? { what, count: 0, bytes: 0 };
    collected.set(what, { what, count: sofar.count + 1, bytes: sofar.bytes + bytes });
  }
  return [...collected.values()];
}

const isId = (name: string) => z.uuid().safeParse(name).success;

/** Those of runs that are deleted, and those of ended ones that their project keeps no longer. */
async function runFolders(db: Db, folder: string): Promise<Found> {
  const ids = (await namesIn(folder)).filter(isId);
  const known = await db
    .select({ id: run.id, outlived: sql<boolean>`${run.id} in (${outlivedRuns})` })
    .from(run)
    .where(inArray(run.id, ids));
  const kept = new Map(known.map(({ id, outlived }) => [id, outlived]));
  const found = sorted("runFolder", folder, ids, (id) => kept.has(id));
  const ended = sorted("endedFolder", folder, ids, (id) => kept.get(id) !== true);
  return { ...found, outlived: ended.nobodys };
}

/** `<model>`, or `<model>.<run>` while the run fetches it. */
async function modelFolders(db: Db, folder: string): Promise<Found> {
  const names = (await namesIn(folder)).filter((name) => name.split(".").every(isId));
  const parts = (place: number) => names.flatMap((name) => name.split(".").at(place) ?? []);
  const models = await db
    .select({ id: model.id })
    .from(model)
    .where(inArray(model.id, parts(0)));
  const fetching = await db
    .select({ id: run.id })
    .from(run)
    .where(and(inArray(run.id, parts(-1)), eq(run.status, "running")));
  const kept = new Set([...models, ...fetching].map(({ id }) => id));
  return sorted("modelFolder", folder, names, (name) => name.split(".").every((id) => kept.has(id)));
}

/** `models--owner--name`, as the Hub's own cache calls it; all projects share it. */
async function hubFolders(db: Db, folder: string): Promise<Found> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith("models--"));
  const named = await db
    .selectDistinct({ repository: sql<string | null>`${model.source}->>'repository'` })
    .from(model);
  const kept = new Set(named.map(({ repository }) => `models--${repository?.replaceAll("/", "--")}`));
  return sorted("hubFolder", folder, names, (name) => kept.has(name));
}

function sorted(
  what: Collectable,
  folder: string,
  names: readonly string[],
  isKept: (name: string) => boolean,
): Found {
  const nobodys = names.filter((name) => !isKept(name)).map((name) => ({ what, path: join(folder, name) }));
  return { nobodys, kept: names.length - nobodys.length };
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (entry.isFile())
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  return bytes;
}
