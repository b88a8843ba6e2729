ALTER TABLE "annotation" ADD COLUMN "selection_probability" double precision;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "selection_probability" double precision;--> statement-breakpoint
-- Of judgements given so far it is unknown: every draw since has overwritten what was kept on the task.
UPDATE "assignment" SET "selection_probability" = "task"."selection_probability" FROM "task"
WHERE "assignment"."task_id" = "task"."id" AND "assignment"."status" IN ('open', 'leased')
  AND "task"."selection_probability" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "task" DROP COLUMN "selection_probability";
