DROP INDEX "annotation_rater_time";--> statement-breakpoint
CREATE INDEX "annotation_rater_time" ON "annotation" USING btree ("rater_id","submitted_at","apart","origin") WHERE current;