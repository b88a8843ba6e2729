CREATE TABLE "red_team_held" (
	"project_id" uuid NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "red_team_held_project_id_key_pk" PRIMARY KEY("project_id","key")
);
--> statement-breakpoint
ALTER TABLE "red_team_exposure" ADD COLUMN "told_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "red_team_held" ADD CONSTRAINT "red_team_held_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_member" DROP COLUMN "exposed_at";