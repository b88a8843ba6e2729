DROP INDEX "annotation_set_aside";--> statement-breakpoint
CREATE INDEX "annotation_set_aside" ON "annotation" USING btree ("project_id") WHERE not current or excluded_at is not null or origin = 'adjudication';--> statement-breakpoint
CREATE VIEW "public"."admitted" AS (
  select n.id, n.project_id, n.task_id, n.rater_id, r.kind as rater_kind, n.origin,
    n.origin = 'adjudication' as is_adjudication, n.answers, n.form_version_id, n.submitted_at, n.flag_reason
  from annotation n join rater r on r.id = n.rater_id
  where n.current and n.excluded_at is null and r.consent_withdrawn_at is null);--> statement-breakpoint
CREATE VIEW "public"."vote" AS (
  select p.id, p.project_id, p.annotation_id, p.task_id, p.prompt_id, p.rater_id, r.kind as rater_kind,
    p.question_id, p.response_a, p.response_b, p.outcome, p.strength, p.a_shown_first
  from preference p join rater r on r.id = p.rater_id and r.consent_withdrawn_at is null
  where not exists (
    select from annotation n where n.id = p.annotation_id and n.project_id = p.project_id
      and (not n.current or n.excluded_at is not null or n.origin = 'adjudication')));