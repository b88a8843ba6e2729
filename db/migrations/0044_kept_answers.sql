CREATE TABLE "kept_answer" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"input" jsonb NOT NULL,
	"dirty_at" timestamp with time zone,
	"leased_until" timestamp with time zone,
	"made_at" timestamp with time zone,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answer" jsonb,
	"failed" jsonb,
	CONSTRAINT "kept_answer_asked" UNIQUE("project_id","kind","key")
);
--> statement-breakpoint
ALTER TABLE "kept_answer" ADD CONSTRAINT "kept_answer_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "kept_answer_dirty" ON "kept_answer" USING btree ("dirty_at") WHERE dirty_at is not null;