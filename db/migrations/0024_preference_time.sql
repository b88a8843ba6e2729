ALTER TABLE "preference" ADD COLUMN "submitted_at" timestamp with time zone;--> statement-breakpoint
UPDATE "preference" SET "submitted_at" = "annotation"."submitted_at" FROM "annotation" WHERE "annotation"."id" = "preference"."annotation_id";--> statement-breakpoint
ALTER TABLE "preference" ALTER COLUMN "submitted_at" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "preference_time" ON "preference" USING btree ("project_id","submitted_at","id");--> statement-breakpoint
DROP INDEX "preference_project";--> statement-breakpoint
-- A person's new name did not reach their raters.
UPDATE "rater" SET "name" = "person"."name" FROM "person" WHERE "person"."id" = "rater"."person_id" AND "person"."erased_at" IS NULL AND "rater"."name" <> "person"."name";
