CREATE TABLE "red_team_attempt" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"tactic" text NOT NULL,
	"tactic_note" text DEFAULT '' NOT NULL,
	"harm" text NOT NULL,
	"wanted" text NOT NULL,
	"messages" json NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"claim" text,
	"call_id" uuid,
	"overlap" smallint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "red_team_exposure" (
	"project_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"day" date NOT NULL,
	"seconds" integer NOT NULL,
	CONSTRAINT "red_team_exposure_rater_id_day_pk" PRIMARY KEY("rater_id","day")
);
--> statement-breakpoint
CREATE TABLE "red_team_judgement" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"attempt_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"state" text NOT NULL,
	"leased_until" timestamp with time zone,
	"level" text,
	"note" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"judged_at" timestamp with time zone,
	CONSTRAINT "red_team_judgement_once" UNIQUE("attempt_id","rater_id")
);
--> statement-breakpoint
CREATE TABLE "red_team_member" (
	"project_id" uuid NOT NULL,
	"rater_id" uuid PRIMARY KEY NOT NULL,
	"consent" smallint NOT NULL,
	"joined_at" timestamp with time zone NOT NULL,
	"left_at" timestamp with time zone,
	"away_at" timestamp with time zone,
	"exposed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "red_team_verdict" (
	"attempt_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"sample" integer NOT NULL,
	"project_id" uuid NOT NULL,
	"run_id" uuid,
	"answer" jsonb,
	"failure" text,
	"reason" text,
	"reply" text,
	"cost" double precision,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "red_team_verdict_attempt_id_version_id_sample_pk" PRIMARY KEY("attempt_id","version_id","sample")
);
--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "red_team" jsonb;--> statement-breakpoint
ALTER TABLE "red_team_attempt" ADD CONSTRAINT "red_team_attempt_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_attempt" ADD CONSTRAINT "red_team_attempt_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_attempt" ADD CONSTRAINT "red_team_attempt_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_exposure" ADD CONSTRAINT "red_team_exposure_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_exposure" ADD CONSTRAINT "red_team_exposure_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_judgement" ADD CONSTRAINT "red_team_judgement_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_judgement" ADD CONSTRAINT "red_team_judgement_attempt_id_red_team_attempt_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."red_team_attempt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_judgement" ADD CONSTRAINT "red_team_judgement_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_member" ADD CONSTRAINT "red_team_member_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_member" ADD CONSTRAINT "red_team_member_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_verdict" ADD CONSTRAINT "red_team_verdict_attempt_id_red_team_attempt_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."red_team_attempt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_verdict" ADD CONSTRAINT "red_team_verdict_version_id_judge_version_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."judge_version"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_verdict" ADD CONSTRAINT "red_team_verdict_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "red_team_verdict" ADD CONSTRAINT "red_team_verdict_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "red_team_attempt_project" ON "red_team_attempt" USING btree ("project_id","state","id");--> statement-breakpoint
CREATE INDEX "red_team_attempt_rater" ON "red_team_attempt" USING btree ("rater_id","created_at");--> statement-breakpoint
CREATE INDEX "red_team_attempt_model" ON "red_team_attempt" USING btree ("model_id");--> statement-breakpoint
CREATE INDEX "red_team_exposure_project" ON "red_team_exposure" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "red_team_judgement_rater" ON "red_team_judgement" USING btree ("rater_id");--> statement-breakpoint
CREATE INDEX "red_team_judgement_project" ON "red_team_judgement" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "red_team_member_project" ON "red_team_member" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "red_team_verdict_version" ON "red_team_verdict" USING btree ("version_id");--> statement-breakpoint
CREATE INDEX "red_team_verdict_project" ON "red_team_verdict" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "red_team_verdict_run" ON "red_team_verdict" USING btree ("run_id") WHERE run_id is not null;