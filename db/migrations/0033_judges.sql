CREATE TABLE "judge" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "judge_verdict" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"run_id" uuid,
	"task_id" uuid NOT NULL,
	"order" smallint[] NOT NULL,
	"sample" integer NOT NULL,
	"answer" jsonb,
	"p" double precision,
	"mass" double precision,
	"failure" text,
	"reason" text,
	"reply" text,
	"reasoning" text,
	"model" text,
	"fingerprint" text,
	"input" integer,
	"output" integer,
	"cost" double precision,
	"ms" integer,
	"attempts" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "judge_verdict_key" UNIQUE("version_id","task_id","order","sample")
);
--> statement-breakpoint
CREATE TABLE "judge_version" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"judge_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rater_id" uuid NOT NULL,
	"endpoint_id" uuid,
	"model_id" uuid,
	"question_id" text NOT NULL,
	"form_version_id" uuid NOT NULL,
	"verdict_by" text NOT NULL,
	"rubric" jsonb,
	"sampling" jsonb NOT NULL,
	"orders" text NOT NULL,
	"settles" text NOT NULL,
	"family" text,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "judge_version_raterId_unique" UNIQUE("rater_id"),
	CONSTRAINT "judge_version_number" UNIQUE("judge_id","version"),
	CONSTRAINT "judge_version_answers" CHECK (num_nonnulls(endpoint_id, model_id) = 1)
);
--> statement-breakpoint
ALTER TABLE "judge" ADD CONSTRAINT "judge_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge" ADD CONSTRAINT "judge_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD CONSTRAINT "judge_verdict_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD CONSTRAINT "judge_verdict_version_id_judge_version_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."judge_version"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD CONSTRAINT "judge_verdict_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD CONSTRAINT "judge_verdict_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_judge_id_judge_id_fk" FOREIGN KEY ("judge_id") REFERENCES "public"."judge"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_endpoint_id_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoint"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_form_version_id_form_version_id_fk" FOREIGN KEY ("form_version_id") REFERENCES "public"."form_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "judge_name" ON "judge" USING btree ("project_id",lower("name")) WHERE archived_at is null;--> statement-breakpoint
CREATE INDEX "judge_verdict_task" ON "judge_verdict" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "judge_verdict_run" ON "judge_verdict" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "judge_verdict_failed" ON "judge_verdict" USING btree ("version_id","failure") WHERE failure is not null;--> statement-breakpoint
CREATE INDEX "judge_version_project" ON "judge_version" USING btree ("project_id");