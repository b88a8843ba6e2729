CREATE TABLE "pair" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"question_id" text NOT NULL,
	"response_a" uuid NOT NULL,
	"response_b" uuid NOT NULL,
	"a" integer DEFAULT 0 NOT NULL,
	"b" integer DEFAULT 0 NOT NULL,
	"tie" integer DEFAULT 0 NOT NULL,
	"both_bad" integer DEFAULT 0 NOT NULL,
	"votes" integer GENERATED ALWAYS AS (a + b + tie + both_bad) STORED NOT NULL,
	"agreement" double precision GENERATED ALWAYS AS (greatest(a, b, tie, both_bad)::float8 / nullif(a + b + tie + both_bad, 0)) STORED
);
--> statement-breakpoint
-- What the votes come to already, as server/judgement/pairs counts them from now on.
INSERT INTO "pair" ("project_id", "task_id", "question_id", "response_a", "response_b", "a", "b", "tie", "both_bad")
SELECT p.project_id, p.task_id, p.question_id, p.response_a, p.response_b,
  count(v.id) FILTER (WHERE v.outcome = 'a'), count(v.id) FILTER (WHERE v.outcome = 'b'),
  count(v.id) FILTER (WHERE v.outcome = 'tie'), count(v.id) FILTER (WHERE v.outcome = 'both_bad')
FROM "preference" p LEFT JOIN "vote" v ON v.id = p.id AND v.rater_kind <> 'model'
GROUP BY 1, 2, 3, 4, 5 ORDER BY min(p.id::text);--> statement-breakpoint
DROP VIEW "public"."vote";--> statement-breakpoint
ALTER TABLE "preference" ADD COLUMN "pair_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "pair_key" ON "pair" USING btree ("task_id","question_id","response_a","response_b");--> statement-breakpoint
UPDATE "preference" SET "pair_id" = "pair"."id" FROM "pair"
WHERE "pair"."task_id" = "preference"."task_id" AND "pair"."question_id" = "preference"."question_id"
  AND "pair"."response_a" = "preference"."response_a" AND "pair"."response_b" = "preference"."response_b";--> statement-breakpoint
ALTER TABLE "preference" ALTER COLUMN "pair_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "pair" ADD CONSTRAINT "pair_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pair" ADD CONSTRAINT "pair_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pair_agreement" ON "pair" USING btree ("project_id",coalesce(agreement, 0),"id");--> statement-breakpoint
ALTER TABLE "preference" ADD CONSTRAINT "preference_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "public"."pair"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "preference_pair" ON "preference" USING btree ("pair_id");--> statement-breakpoint
CREATE VIEW "public"."vote" AS (
  select p.id, p.project_id, p.annotation_id, p.task_id, p.prompt_id, p.pair_id, p.rater_id,
    r.kind as rater_kind, p.question_id, p.response_a, p.response_b, p.outcome, p.strength, p.a_shown_first
  from preference p join rater r on r.id = p.rater_id and r.consent_withdrawn_at is null
  where not exists (
    select from annotation n where n.id = p.annotation_id and n.project_id = p.project_id
      and (not n.current or n.excluded_at is not null or n.origin = 'adjudication')));