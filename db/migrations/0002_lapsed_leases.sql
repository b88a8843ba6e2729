ALTER TABLE "assignment" ADD COLUMN "lapsed" jsonb;--> statement-breakpoint
CREATE INDEX "prompt_project" ON "prompt" USING btree ("project_id","id");