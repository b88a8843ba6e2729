import { z } from "zod";
import { wire } from "@/db/shape/wire";
import { deskSchema } from "@/server/judgement/schema";
import { deskHabitsSchema } from "@/server/people/schema";
import { blindTaskSchema } from "@/server/seat/schema";
import { inDesks, wireOf } from "./kept";

const keptSchema = z.object({
  personId: z.uuid(),
  projectId: z.uuid(),
  head: deskSchema,
  habits: deskHabitsSchema,
  /** The seats that this browser holds, in the order in which to do them. */
  tasks: z.array(blindTaskSchema),
});
export type Kept = z.infer<typeof keptSchema>;

/** Null for what an older version wrote and nobody can read any more. */
function readKept(stored: unknown): Kept | null {
  return keptSchema.safeParse(wireOf(stored)).data ?? null;
}

/** Keeps what the desk shows and what comes next, for a reload while the server is away. */
export async function keepDesk(kept: Kept): Promise<void> {
  await inDesks((database) => database.put("desks", wire.stringify(kept), kept.projectId));
}

export async function keptDesk(projectId: string): Promise<Kept | null> {
  return readKept(await inDesks((database) => database.get("desks", projectId)));
}
