ALTER TABLE "run" ADD COLUMN "after_id" uuid;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_after_id_run_id_fk" FOREIGN KEY ("after_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_after" ON "run" USING btree ("after_id") WHERE after_id is not null;