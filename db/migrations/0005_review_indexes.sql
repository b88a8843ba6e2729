DROP INDEX "annotation_rater_time";--> statement-breakpoint
DROP INDEX "preference_project";--> statement-breakpoint
CREATE INDEX "annotation_flagged" ON "annotation" USING btree ("project_id","submitted_at" DESC NULLS LAST) WHERE current and flag_reason is not null;--> statement-breakpoint
CREATE INDEX "annotation_set_aside" ON "annotation" USING btree ("project_id") WHERE current and (excluded_at is not null or origin = 'adjudication');--> statement-breakpoint
CREATE INDEX "preference_strength" ON "preference" USING btree ("project_id","strength","id");--> statement-breakpoint
CREATE INDEX "annotation_rater_time" ON "annotation" USING btree ("rater_id","submitted_at" DESC NULLS LAST) WHERE current;--> statement-breakpoint
CREATE INDEX "preference_project" ON "preference" USING btree ("project_id","id");