import { randomUUID } from "node:crypto";
import { membership, person } from "@/db/schema";
import type { NewPrompt } from "@/server/content/schema";
import type { Answers } from "@/server/form/schema";
import { callerOf } from "@/server/root";
import type { Viewer } from "@/server/trpc";
import type { TestDatabase } from "./database";

type Caller = ReturnType<typeof callerOf>;

export interface Member {
  viewer: Viewer;
  caller: Caller;
}

/** A person who is signed in. */
export async function someone(database: TestDatabase, { isAdmin = false } = {}): Promise<Member> {
  const name = `Rater ${randomUUID().slice(0, 8)}`;
  const email = `${randomUUID()}@example.org`;
  const [{ id }] = await database.db
    .insert(person)
    .values({ name, email, isAdmin })
    .returning({ id: person.id });
  const viewer: Viewer = { personId: id, name, email, isAdmin, tokenId: null };
  return { viewer, caller: callerOf({ db: database.db, sql: database.sql, viewer }) };
}

export interface Study {
  projectId: string;
  manager: Member;
  /** One more member. */
  join(role?: "manager" | "reviewer" | "annotator"): Promise<Member>;
}

export type Settings = Parameters<Caller["project"]["create"]>[0];

/** A project with `tasks` tasks of `k` responses each. */
export async function study(
  database: TestDatabase,
  { tasks = 10, k = 2, ...settings }: Partial<Settings> & { tasks?: number; k?: number } = {},
): Promise<Study> {
  const manager = await someone(database, { isAdmin: true });
  const { id: projectId } = await manager.caller.project.create({
    name: `Study ${randomUUID()}`,
    ...settings,
  });
  if (tasks > 0) {
    await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(tasks, k) });
    await manager.caller.task.create({ projectId });
  }
  return {
    projectId,
    manager,
    async join(role = "annotator") {
      const joined = await someone(database);
      await database.db.insert(membership).values({ projectId, personId: joined.viewer.personId, role });
      return joined;
    },
  };
}

export function somePrompts(count: number, k: number, more: Partial<NewPrompt> = {}): NewPrompt[] {
  return Array.from({ length: count }, (_, index) => ({
    messages: [{ role: "user" as const, content: `Question ${index}, ${randomUUID()}` }],
    metadata: {},
    ...more,
    responses: Array.from({ length: k }, (_, reply) => ({
      content: `Reply ${reply} to question ${index}`,
      source: `model-${reply}`,
      metadata: {},
    })),
  }));
}

export const prefer = (outcome: "a" | "b", level = 2): Answers => ({
  preference: { type: "preference", outcome, level },
});

export const newKey = () => randomUUID();
