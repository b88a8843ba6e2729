CREATE TYPE "public"."model_format" AS ENUM('full', 'adapter');--> statement-breakpoint
CREATE TYPE "public"."model_method" AS ENUM('base', 'sft', 'reward', 'preference', 'kto');--> statement-breakpoint
ALTER TYPE "public"."run_kind" ADD VALUE 'new_model';--> statement-breakpoint
ALTER TYPE "public"."run_kind" ADD VALUE 'preview';--> statement-breakpoint
ALTER TYPE "public"."run_kind" ADD VALUE 'chat';--> statement-breakpoint
CREATE TABLE "evaluation" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"opponent_id" uuid NOT NULL,
	"run_id" uuid,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evaluation_task" (
	"evaluation_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"model_response_id" uuid NOT NULL,
	"opponent_response_id" uuid NOT NULL,
	CONSTRAINT "evaluation_task_evaluation_id_task_id_pk" PRIMARY KEY("evaluation_id","task_id")
);
--> statement-breakpoint
CREATE TABLE "model" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"method" "model_method" NOT NULL,
	"format" "model_format" NOT NULL,
	"source" jsonb NOT NULL,
	"base_id" uuid,
	"parent_id" uuid,
	"run_id" uuid,
	"version_id" uuid,
	"metrics" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"held_out_rows" integer,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sample" (
	"run_id" uuid NOT NULL,
	"step" integer NOT NULL,
	"position" integer NOT NULL,
	"prompt" text NOT NULL,
	"completion" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sample_run_id_step_position_pk" PRIMARY KEY("run_id","step","position")
);
--> statement-breakpoint
CREATE TABLE "score" (
	"model_id" uuid NOT NULL,
	"response_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"reward" double precision NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "score_model_id_response_id_pk" PRIMARY KEY("model_id","response_id")
);
--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_opponent_id_model_id_fk" FOREIGN KEY ("opponent_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_task" ADD CONSTRAINT "evaluation_task_evaluation_id_evaluation_id_fk" FOREIGN KEY ("evaluation_id") REFERENCES "public"."evaluation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_task" ADD CONSTRAINT "evaluation_task_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model" ADD CONSTRAINT "model_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model" ADD CONSTRAINT "model_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model" ADD CONSTRAINT "model_version_id_dataset_version_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."dataset_version"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model" ADD CONSTRAINT "model_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sample" ADD CONSTRAINT "sample_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "score" ADD CONSTRAINT "score_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "score" ADD CONSTRAINT "score_response_id_response_id_fk" FOREIGN KEY ("response_id") REFERENCES "public"."response"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "evaluation_model" ON "evaluation" USING btree ("model_id");--> statement-breakpoint
CREATE INDEX "evaluation_task_task" ON "evaluation_task" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "model_project" ON "model" USING btree ("project_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "model_version" ON "model" USING btree ("version_id");--> statement-breakpoint
CREATE INDEX "score_response" ON "score" USING btree ("response_id");