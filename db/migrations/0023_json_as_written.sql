-- One statement a table: PostgreSQL writes each of them once. The view reads a column of another type than before.
DROP VIEW "public"."admitted";--> statement-breakpoint
ALTER TABLE "annotation" ALTER COLUMN "answers" SET DATA TYPE json;--> statement-breakpoint
CREATE VIEW "public"."admitted" AS (
  select n.id, n.project_id, n.task_id, n.rater_id, r.kind as rater_kind, n.origin,
    n.origin = 'adjudication' as is_adjudication, n.answers, n.form_version_id, n.submitted_at, n.flag_reason
  from annotation n join rater r on r.id = n.rater_id
  where n.current and n.excluded_at is null and r.consent_withdrawn_at is null);--> statement-breakpoint
ALTER TABLE "prompt"
  ALTER COLUMN "messages" SET DATA TYPE json,
  ALTER COLUMN "tools" SET DATA TYPE json,
  ALTER COLUMN "metadata" SET DATA TYPE json,
  ALTER COLUMN "metadata" SET DEFAULT '{}'::json;--> statement-breakpoint
ALTER TABLE "response"
  ALTER COLUMN "metadata" SET DATA TYPE json,
  ALTER COLUMN "metadata" SET DEFAULT '{}'::json;--> statement-breakpoint
ALTER TABLE "dataset_row" ALTER COLUMN "row" SET DATA TYPE json;
