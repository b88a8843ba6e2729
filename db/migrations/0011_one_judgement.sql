ALTER TABLE "annotation" ADD COLUMN "return_comment" text;--> statement-breakpoint
-- Where somebody counted twice on a task, the later judgement stays and the others become earlier revisions.
WITH "twice" AS (
  UPDATE "annotation" n SET "current" = false
  WHERE n."current" AND n."origin" <> 'adjudication' AND EXISTS (SELECT FROM "annotation" later
    WHERE later."task_id" = n."task_id" AND later."rater_id" = n."rater_id" AND later."current" AND later."origin" <> 'adjudication'
      AND (later."submitted_at", later."id") > (n."submitted_at", n."id"))
  RETURNING n."id"
), "preferred" AS (
  DELETE FROM "preference" USING "twice" WHERE "preference"."annotation_id" = "twice"."id"
)
DELETE FROM "mark_fact" USING "twice" WHERE "mark_fact"."annotation_id" = "twice"."id";--> statement-breakpoint
UPDATE "pair" SET "a" = now."a", "b" = now."b", "tie" = now."tie", "both_bad" = now."both_bad"
FROM (
  SELECT "pair"."id", count(*) FILTER (WHERE v.outcome = 'a'), count(*) FILTER (WHERE v.outcome = 'b'),
    count(*) FILTER (WHERE v.outcome = 'tie'), count(*) FILTER (WHERE v.outcome = 'both_bad')
  FROM "pair" LEFT JOIN "vote" v ON v.pair_id = "pair"."id" AND v.rater_kind <> 'model'
  GROUP BY "pair"."id"
) now ("id", "a", "b", "tie", "both_bad")
WHERE "pair"."id" = now."id" AND ("pair"."a", "pair"."b", "pair"."tie", "pair"."both_bad")
  IS DISTINCT FROM (now."a", now."b", now."tie", now."both_bad");--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_task_rater" ON "annotation" USING btree ("task_id","rater_id") WHERE current and origin <> 'adjudication';
