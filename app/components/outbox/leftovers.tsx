"use client";
import { openDB } from "idb";
import { useEffect, useState } from "react";
import { onDemand, useOnDemand } from "../ui/on-demand";
import { forgetDesks } from "./kept";

/** The outbox knows the shape of every judgement: pages that send none load nothing of it. */
const outbox = onDemand(() => import("./outbox"));

/**
 * Sends what the desk left behind, on every page of a project: whoever leaves it with judgements on their way loses none.
 * @param onDesk the page has an outbox itself
 */
export function Leftovers({ personId, onDesk }: { personId: string; onDesk: boolean }) {
  const [waits, setWaits] = useState(false);
  useEffect(() => void forgetDesks(personId), [personId]);
  useEffect(() => {
    if (onDesk) return setWaits(false);
    let left = false;
    // Where nobody can look first, the outbox does.
    anythingLeft()
      .catch(() => true)
      .then((any) => left || setWaits(any));
    return () => {
      left = true;
    };
  }, [onDesk]);
  const loaded = useOnDemand(outbox, waits);
  return waits && loaded && <loaded.OutboxProvider personId={personId}>{null}</loaded.OutboxProvider>;
}

/** Whether anything at all lies in the outbox's database, which this does not make. */
async function anythingLeft(): Promise<boolean> {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === "concord")) return false;
  const database = await openDB("concord");
  try {
    return database.objectStoreNames.contains("outbox") && (await database.count("outbox")) > 0;
  } finally {
    database.close();
  }
}
