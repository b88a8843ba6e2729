CREATE TABLE "mark_fact" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"annotation_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"question_id" text NOT NULL,
	"response_id" uuid,
	"item" text NOT NULL,
	"value" double precision NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mark_fact" ADD CONSTRAINT "mark_fact_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mark_fact" ADD CONSTRAINT "mark_fact_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mark_fact" ADD CONSTRAINT "mark_fact_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mark_fact" ADD CONSTRAINT "mark_fact_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mark_fact_project" ON "mark_fact" USING btree ("project_id","question_id");--> statement-breakpoint
CREATE INDEX "mark_fact_annotation" ON "mark_fact" USING btree ("annotation_id");--> statement-breakpoint
CREATE INDEX "mark_fact_task" ON "mark_fact" USING btree ("task_id");--> statement-breakpoint
CREATE VIEW "public"."mark" AS (
  select f.id, f.project_id, f.annotation_id, f.task_id, f.prompt_id, f.rater_id, r.kind as rater_kind, f.question_id,
    f.response_id, f.item, f.value
  from mark_fact f join rater r on r.id = f.rater_id and r.consent_withdrawn_at is null
  where not exists (
    select from annotation n where n.id = f.annotation_id and n.project_id = f.project_id
      and (not n.current or n.excluded_at is not null or n.origin = 'adjudication')));--> statement-breakpoint
-- What the current annotations state already, as server/form/kind derives it from now on.
INSERT INTO "mark_fact" ("project_id", "annotation_id", "task_id", "prompt_id", "rater_id", "question_id", "response_id", "item", "value")
SELECT n.project_id, n.id, n.task_id, t.prompt_id, n.rater_id, q.question->>'id',
  CASE WHEN s.per = 'response' THEN t.response_ids[s.place] END, s.item, s.value
FROM annotation n
JOIN task t ON t.id = n.task_id
JOIN form_version f ON f.id = n.form_version_id
CROSS JOIN LATERAL (
  SELECT question, n.answers->(question->>'id') AS answer, question->>'type' AS type
  FROM jsonb_array_elements(f.questions) AS question
) q
CROSS JOIN LATERAL (
  SELECT coalesce(q.question->>'per', 'response') AS per, e.place::int, scale.key AS item, (e.value #>> '{}')::float8 AS value
  FROM jsonb_each(CASE WHEN q.type = 'rating' AND q.answer->>'type' = 'rating' THEN q.answer->'values' ELSE '{}' END) AS scale
  CROSS JOIN LATERAL jsonb_array_elements(scale.value) WITH ORDINALITY AS e (value, place)
  WHERE jsonb_typeof(e.value) = 'number'
  UNION ALL
  SELECT coalesce(q.question->>'per', 'task'), e.place::int, chosen.item, 1
  FROM jsonb_array_elements(CASE WHEN q.type = 'choice' AND q.answer->>'type' = 'choice' THEN q.answer->'values' ELSE '[]' END)
    WITH ORDINALITY AS e (value, place)
  CROSS JOIN LATERAL jsonb_array_elements_text(e.value) AS chosen (item)
  UNION ALL
  SELECT 'task', 1, chip.item, 1
  FROM jsonb_array_elements_text(CASE WHEN q.type = 'text' AND q.answer->>'type' = 'text' THEN q.answer->'chips' ELSE '[]' END) AS chip (item)
) s
WHERE n.current;
