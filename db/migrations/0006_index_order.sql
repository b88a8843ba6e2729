DROP INDEX "annotation_project_time";--> statement-breakpoint
DROP INDEX "annotation_rater_time";--> statement-breakpoint
DROP INDEX "annotation_flagged";--> statement-breakpoint
CREATE INDEX "annotation_project_time" ON "annotation" USING btree ("project_id","submitted_at","id") WHERE current;--> statement-breakpoint
CREATE INDEX "annotation_rater_time" ON "annotation" USING btree ("rater_id","submitted_at") WHERE current;--> statement-breakpoint
CREATE INDEX "annotation_flagged" ON "annotation" USING btree ("project_id","submitted_at") WHERE current and flag_reason is not null;