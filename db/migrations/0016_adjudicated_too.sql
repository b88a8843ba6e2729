DROP INDEX "annotation_task_rater";--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_task_rater" ON "annotation" USING btree ("task_id","rater_id") WHERE current and origin <> 'adjudication';