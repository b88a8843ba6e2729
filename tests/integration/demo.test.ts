import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { annotation, assignment, preference, project, rater, response, task } from "@/db/schema";
import { removeDemo, seedDemo } from "@/server/demo/demo";
import { demoForm } from "@/server/demo/form";
import { answerProblems } from "@/server/form/answers";
import { storedAnswers } from "@/server/form/schema";
import { ensureFirstAdmin } from "@/server/people/first-admin";
import { testDatabase } from "./database";

const { db } = await testDatabase();

describe("the demo project", () => {
  it("is made on the first start, with judgements that obey every rule of real ones", async () => {
    await ensureFirstAdmin(db, {});
    expect(await seedDemo(db)).toBe(true);
    const judged = await db
      .select({ annotation, task, rater })
      .from(annotation)
      .innerJoin(task, eq(task.id, annotation.taskId))
      .innerJoin(rater, eq(rater.id, annotation.raterId));
    expect(judged.length).toBeGreaterThan(250);
    for (const { annotation: given, task: todo, rater: by } of judged) {
      expect(answerProblems(demoForm, todo.responseIds.length, storedAnswers(given.answers))).toEqual([]);
      expect(by.languages).toContain(todo.language);
    }
    expect(await db.$count(preference)).toBeGreaterThanOrEqual(judged.length);
    const seats = await db
      .select({ taskId: assignment.taskId, seats: sql<number>`count(*)::int` })
      .from(assignment)
      .groupBy(assignment.taskId);
    expect(seats.every(({ seats }) => seats === 3)).toBe(true);
    expect(seats.length).toBeGreaterThanOrEqual(150);
  });

  it("gives no quality mark away", async () => {
    const stored = await db.select({ metadata: response.metadata }).from(response);
    expect(stored.every(({ metadata }) => Object.keys(metadata).length === 0)).toBe(true);
  });

  it("goes with one command and does not come back", async () => {
    expect(await removeDemo(db)).toBe(true);
    expect(await db.$count(project)).toBe(0);
    expect(await db.$count(annotation)).toBe(0);
    expect(await seedDemo(db)).toBe(false);
  });
});
