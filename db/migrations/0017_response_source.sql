DROP INDEX "response_project";--> statement-breakpoint
CREATE INDEX "response_project" ON "response" USING btree ("project_id","source");