CREATE TABLE "judge_card" (
	"version_id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"inputs" text NOT NULL,
	"card" jsonb NOT NULL,
	"role" text NOT NULL,
	"lost_role" text,
	"lost_at" timestamp with time zone,
	"reckoned_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "judges" jsonb;--> statement-breakpoint
ALTER TABLE "judge_card" ADD CONSTRAINT "judge_card_version_id_judge_version_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."judge_version"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_card" ADD CONSTRAINT "judge_card_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;