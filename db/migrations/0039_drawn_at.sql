ALTER TABLE "assignment" ADD COLUMN "drawn_at" timestamp with time zone;--> statement-breakpoint
-- Places were on a scale of weights and are on one of chances: where votes move single tasks, the next vote draws all anew.
UPDATE "assignment" SET "selection_probability" = NULL
WHERE "status" = 'open' AND "selection_probability" IS NOT NULL
  AND "project_id" IN (SELECT "id" FROM "project" WHERE "selection" = 'disagreement');
