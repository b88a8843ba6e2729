import type { Db } from "../../db/client";
import { type Actor, audit } from "./audit";

/** A program that is refused asks again and again: one entry a minute says so. */
const PAUSE_MS = 60_000;
const REMEMBERED = 10_000;

const told = new Map<string, number>();

/** Keeps that somebody was refused what their role does not allow. */
export async function auditRefusal(
  db: Db,
  actor: Actor,
  { procedure, projectId }: { procedure: string; projectId?: string },
): Promise<void> {
  const key = `${actor.personId} ${procedure} ${projectId}`;
  if (Date.now() - (told.get(key) ?? 0) < PAUSE_MS) return;
  if (told.size >= REMEMBERED) told.clear();
  told.set(key, Date.now());
  await audit(db, actor, {
    action: "access.refused",
    target: { kind: "procedure", id: procedure },
    projectId,
  });
}
