import type { Db } from "../../db/client";
import { auditEntry } from "../../db/schema";

/** Who acts: a person through a session or a token, or the system itself. */
export interface Actor {
  personId: string | null;
  tokenId?: string | null;
  /** Where the request came from. */
  address?: string | null;
}

export const system: Actor = { personId: null };

export interface Change {
  /** `noun.verb`, as the procedure is called. */
  action: string;
  target: { kind: string; id: string };
  projectId?: string | null;
  before?: object | null;
  after?: object | null;
}

/** Writes the audit row of a change, in the change's own transaction. */
export async function audit(tx: Db, actor: Actor, change: Change): Promise<void> {
  await tx.insert(auditEntry).values({
    personId: actor.personId,
    tokenId: actor.tokenId ?? null,
    address: actor.address ?? null,
    projectId: change.projectId ?? null,
    action: change.action,
    targetKind: change.target.kind,
    targetId: change.target.id,
    before: change.before ?? null,
    after: change.after ?? null,
  });
}
