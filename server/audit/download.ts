import type { Context } from "../trpc";
import { audit } from "./audit";

/** Keeps who took a file out. */
export async function auditDownload(
  { db, viewer, address }: Context,
  { projectId, kind, id, file }: { projectId?: string; kind: string; id: string; file: string },
): Promise<void> {
  const actor = { personId: viewer?.personId ?? null, tokenId: viewer?.tokenId, address };
  await audit(db, actor, { action: "file.download", target: { kind, id }, projectId, after: { file } });
}
