CREATE TABLE "stopping_rule" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"question_id" text NOT NULL,
	"source" text NOT NULL,
	"opponent" text NOT NULL,
	"alpha" double precision NOT NULL,
	"smallest" double precision,
	"budget" integer NOT NULL,
	"reason" text NOT NULL,
	"prompts_before" integer NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "hourly_rate" jsonb;--> statement-breakpoint
ALTER TABLE "stopping_rule" ADD CONSTRAINT "stopping_rule_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stopping_rule" ADD CONSTRAINT "stopping_rule_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stopping_rule_project" ON "stopping_rule" USING btree ("project_id","id");