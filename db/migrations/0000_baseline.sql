-- The schema of the first nine migrations in one, columns in the order in which those added them. A database that has
-- them is taken on as it is: db/migrate.ts.
-- Trigrams serve full-text search in any script, Chinese, Japanese and Thai included, where word stemming does not.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- RFC 9562 version 7; PostgreSQL has its own only from 18 on. The 12 bits after the milliseconds count quarters of a
-- microsecond (6.2, method 3), so that the rows of one statement sort as they were written. One expression, so that
-- PostgreSQL inlines it.
CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (
    overlay(
      lpad(to_hex((extract(epoch FROM clock_timestamp()) * 4096000)::bigint), 15, '0')
      PLACING '7' FROM 13 FOR 0
    ) || right(gen_random_uuid()::text, 17)
  )::uuid
$$;
--> statement-breakpoint
CREATE TYPE "public"."annotation_origin" AS ENUM('desk', 'api', 'import', 'model', 'demo', 'adjudication');--> statement-breakpoint
CREATE TYPE "public"."assignment_status" AS ENUM('open', 'leased', 'submitted', 'skipped', 'returned', 'closed');--> statement-breakpoint
CREATE TYPE "public"."curation_action" AS ENUM('exclude', 'include', 'return', 'adjudicate', 'reopen');--> statement-breakpoint
CREATE TYPE "public"."preference_outcome" AS ENUM('a', 'b', 'tie', 'both_bad');--> statement-breakpoint
CREATE TYPE "public"."dataset_kind" AS ENUM('preference', 'sft', 'unpaired', 'ranked', 'reward');--> statement-breakpoint
CREATE TYPE "public"."dataset_split" AS ENUM('train', 'validation', 'test');--> statement-breakpoint
CREATE TYPE "public"."model_format" AS ENUM('full', 'adapter');--> statement-breakpoint
CREATE TYPE "public"."model_method" AS ENUM('base', 'sft', 'reward', 'preference', 'kto');--> statement-breakpoint
CREATE TYPE "public"."project_role" AS ENUM('manager', 'reviewer', 'annotator');--> statement-breakpoint
CREATE TYPE "public"."rater_kind" AS ENUM('person', 'model', 'imported', 'demo');--> statement-breakpoint
CREATE TYPE "public"."task_selection" AS ENUM('in_order', 'random', 'uncertainty', 'disagreement');--> statement-breakpoint
CREATE TYPE "public"."run_kind" AS ENUM('import', 'freeze', 'export', 'push', 'sft', 'reward', 'preference', 'kto', 'generate', 'score', 'judge', 'evaluate', 'new_model', 'preview', 'chat');--> statement-breakpoint
CREATE TYPE "public"."run_status" AS ENUM('queued', 'running', 'succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE TABLE "annotation" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"assignment_id" uuid,
	"rater_id" uuid NOT NULL,
	"origin" "annotation_origin" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"current" boolean DEFAULT true NOT NULL,
	"answers" jsonb NOT NULL,
	"order" smallint[] NOT NULL,
	"form_version_id" uuid NOT NULL,
	"guideline_version_id" uuid,
	"shown_at" timestamp with time zone,
	"first_decision_at" timestamp with time zone,
	"submitted_at" timestamp with time zone NOT NULL,
	"visible_ms" integer,
	"flag_reason" text,
	"idempotency_key" text,
	"withdrawn_at" timestamp with time zone,
	"excluded_at" timestamp with time zone,
	"excluded_reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "assignment" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"rater_id" uuid,
	"status" "assignment_status" DEFAULT 'open' NOT NULL,
	"priority" integer NOT NULL,
	"position" bigint NOT NULL,
	"language" text,
	"domain" text,
	"reserved_for" uuid,
	"leased_at" timestamp with time zone,
	"leased_until" timestamp with time zone,
	"order" smallint[],
	"form_version_id" uuid,
	"guideline_version_id" uuid,
	"skip_reason" text,
	"skip_note" text,
	"return_comment" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lapsed" jsonb
);
--> statement-breakpoint
CREATE TABLE "curation" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"annotation_id" uuid,
	"action" "curation_action" NOT NULL,
	"reason" text NOT NULL,
	"person_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_balance" (
	"rater_id" uuid NOT NULL,
	"day" date NOT NULL,
	"first_counts" integer[] NOT NULL,
	CONSTRAINT "order_balance_rater_id_day_pk" PRIMARY KEY("rater_id","day")
);
--> statement-breakpoint
CREATE TABLE "preference" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"annotation_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"question_id" text NOT NULL,
	"response_a" uuid NOT NULL,
	"response_b" uuid NOT NULL,
	"outcome" "preference_outcome" NOT NULL,
	"strength" double precision NOT NULL,
	"a_shown_first" boolean,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cluster" (
	"kind" text PRIMARY KEY NOT NULL,
	"address" text NOT NULL,
	"token_ciphertext" text,
	"site_address" text NOT NULL,
	"updated_by" uuid,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cluster_event" (
	"run_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "cluster_event_run_id_line_pk" PRIMARY KEY("run_id","line")
);
--> statement-breakpoint
CREATE TABLE "cluster_file" (
	"run_id" uuid NOT NULL,
	"path" text NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "cluster_file_run_id_path_pk" PRIMARY KEY("run_id","path")
);
--> statement-breakpoint
CREATE TABLE "cluster_job" (
	"run_id" uuid PRIMARY KEY NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"finishing" boolean DEFAULT false NOT NULL,
	"submitted_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"events_generation" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "machine_token" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "machine_token_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "prompt" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"key" text NOT NULL,
	"messages" jsonb NOT NULL,
	"tools" jsonb,
	"language" text,
	"domain" text,
	"source" text,
	"external_id" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"search_text" text NOT NULL,
	"import_run_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prompt_key" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "response" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"key" text NOT NULL,
	"content" text NOT NULL,
	"source" text,
	"external_id" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"import_run_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"key" text NOT NULL,
	"response_ids" uuid[] NOT NULL,
	"overlap" integer NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "task_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"language" text,
	"domain" text,
	"selection_probability" double precision,
	"import_run_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_key" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dataset" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" "dataset_kind" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "dataset_row" (
	"version_id" uuid NOT NULL,
	"index" integer NOT NULL,
	"split" "dataset_split" NOT NULL,
	"row" jsonb NOT NULL,
	"prompt_id" uuid NOT NULL,
	"annotation_ids" uuid[] NOT NULL,
	CONSTRAINT "dataset_row_version_id_index_pk" PRIMARY KEY("version_id","index")
);
--> statement-breakpoint
CREATE TABLE "dataset_version" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"recipe" jsonb NOT NULL,
	"manifest" jsonb NOT NULL,
	"sha256" text NOT NULL,
	"rows" integer NOT NULL,
	"run_id" uuid,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_version_number" UNIQUE("dataset_id","version")
);
--> statement-breakpoint
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
CREATE TABLE "account" (
	"provider" text NOT NULL,
	"provider_account_id" text NOT NULL,
	"person_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "account_provider_provider_account_id_pk" PRIMARY KEY("provider","provider_account_id")
);
--> statement-breakpoint
CREATE TABLE "api_token" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"person_id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"token_hash" text NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_token_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "membership" (
	"project_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"role" "project_role" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "membership_project_id_person_id_pk" PRIMARY KEY("project_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"password_hash" text,
	"is_admin" boolean DEFAULT false NOT NULL,
	"disabled_at" timestamp with time zone,
	"session_epoch" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rater" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"kind" "rater_kind" NOT NULL,
	"name" text NOT NULL,
	"person_id" uuid,
	"external_id" text,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"domains" text[] DEFAULT '{}' NOT NULL,
	"consent_withdrawn_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_attempt" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"key" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_link" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"token_hash" text NOT NULL,
	"person_id" uuid NOT NULL,
	"created_by" uuid,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sign_in_link_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "form_version" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"questions" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "form_version_number" UNIQUE("project_id","version")
);
--> statement-breakpoint
CREATE TABLE "guideline_version" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"markdown" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "guideline_version_number" UNIQUE("project_id","version")
);
--> statement-breakpoint
CREATE TABLE "project" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"overlap" integer DEFAULT 1 NOT NULL,
	"lease_seconds" integer DEFAULT 1800 NOT NULL,
	"skip_instructions" text DEFAULT '' NOT NULL,
	"flag_instructions" text DEFAULT '' NOT NULL,
	"selection" "task_selection" DEFAULT 'in_order' NOT NULL,
	"is_demo" boolean DEFAULT false NOT NULL,
	"archived_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "artifact" (
	"sha256" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"media_type" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metric" (
	"run_id" uuid NOT NULL,
	"name" text NOT NULL,
	"step" integer NOT NULL,
	"value" double precision NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "metric_run_id_name_step_pk" PRIMARY KEY("run_id","name","step")
);
--> statement-breakpoint
CREATE TABLE "run" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid,
	"kind" "run_kind" NOT NULL,
	"title" text NOT NULL,
	"status" "run_status" DEFAULT 'queued' NOT NULL,
	"spec" jsonb NOT NULL,
	"requirements" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"progress" jsonb,
	"result" jsonb,
	"error" text,
	"attempt" integer DEFAULT 0 NOT NULL,
	"max_attempts" integer DEFAULT 3 NOT NULL,
	"available_at" timestamp with time zone DEFAULT now() NOT NULL,
	"leased_until" timestamp with time zone,
	"worker_id" uuid,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"stop_requested" boolean DEFAULT false NOT NULL,
	"group_id" uuid,
	"created_by" uuid,
	"idempotency_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "run_artifact" (
	"run_id" uuid NOT NULL,
	"name" text NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "run_artifact_run_id_name_pk" PRIMARY KEY("run_id","name")
);
--> statement-breakpoint
CREATE TABLE "run_log" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"level" text NOT NULL,
	"message" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "worker" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"name" text NOT NULL,
	"capabilities" jsonb NOT NULL,
	"heartbeat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_entry" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"person_id" uuid,
	"token_id" uuid,
	"project_id" uuid,
	"action" text NOT NULL,
	"target_kind" text NOT NULL,
	"target_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotent_reply" (
	"person_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" text NOT NULL,
	"body" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotent_reply_person_id_key_pk" PRIMARY KEY("person_id","key")
);
--> statement-breakpoint
CREATE TABLE "secret" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"person_id" uuid NOT NULL,
	"name" text NOT NULL,
	"ciphertext" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_assignment_id_assignment_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignment"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_form_version_id_form_version_id_fk" FOREIGN KEY ("form_version_id") REFERENCES "public"."form_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_guideline_version_id_guideline_version_id_fk" FOREIGN KEY ("guideline_version_id") REFERENCES "public"."guideline_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_reserved_for_rater_id_fk" FOREIGN KEY ("reserved_for") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_form_version_id_form_version_id_fk" FOREIGN KEY ("form_version_id") REFERENCES "public"."form_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_guideline_version_id_guideline_version_id_fk" FOREIGN KEY ("guideline_version_id") REFERENCES "public"."guideline_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "curation" ADD CONSTRAINT "curation_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "curation" ADD CONSTRAINT "curation_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "curation" ADD CONSTRAINT "curation_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "curation" ADD CONSTRAINT "curation_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_balance" ADD CONSTRAINT "order_balance_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preference" ADD CONSTRAINT "preference_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preference" ADD CONSTRAINT "preference_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preference" ADD CONSTRAINT "preference_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preference" ADD CONSTRAINT "preference_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster" ADD CONSTRAINT "cluster_updated_by_person_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_event" ADD CONSTRAINT "cluster_event_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_file" ADD CONSTRAINT "cluster_file_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_file" ADD CONSTRAINT "cluster_file_sha256_artifact_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."artifact"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_job" ADD CONSTRAINT "cluster_job_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine_token" ADD CONSTRAINT "machine_token_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompt" ADD CONSTRAINT "prompt_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "response" ADD CONSTRAINT "response_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "response" ADD CONSTRAINT "response_prompt_id_prompt_id_fk" FOREIGN KEY ("prompt_id") REFERENCES "public"."prompt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task" ADD CONSTRAINT "task_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task" ADD CONSTRAINT "task_prompt_id_prompt_id_fk" FOREIGN KEY ("prompt_id") REFERENCES "public"."prompt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset" ADD CONSTRAINT "dataset_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_row" ADD CONSTRAINT "dataset_row_version_id_dataset_version_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."dataset_version"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_dataset_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."dataset"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
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
ALTER TABLE "account" ADD CONSTRAINT "account_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rater" ADD CONSTRAINT "rater_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rater" ADD CONSTRAINT "rater_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_link" ADD CONSTRAINT "sign_in_link_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_link" ADD CONSTRAINT "sign_in_link_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "form_version" ADD CONSTRAINT "form_version_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guideline_version" ADD CONSTRAINT "guideline_version_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric" ADD CONSTRAINT "metric_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_artifact" ADD CONSTRAINT "run_artifact_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_artifact" ADD CONSTRAINT "run_artifact_sha256_artifact_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."artifact"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_log" ADD CONSTRAINT "run_log_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotent_reply" ADD CONSTRAINT "idempotent_reply_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secret" ADD CONSTRAINT "secret_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_revision" ON "annotation" USING btree ("assignment_id","revision");--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_current" ON "annotation" USING btree ("assignment_id") WHERE current;--> statement-breakpoint
CREATE UNIQUE INDEX "annotation_idempotency" ON "annotation" USING btree ("rater_id","idempotency_key");--> statement-breakpoint
CREATE INDEX "annotation_task" ON "annotation" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "annotation_project_time" ON "annotation" USING btree ("project_id","submitted_at","id") WHERE current;--> statement-breakpoint
CREATE INDEX "annotation_rater_time" ON "annotation" USING btree ("rater_id","submitted_at") WHERE current;--> statement-breakpoint
CREATE INDEX "annotation_flagged" ON "annotation" USING btree ("project_id","submitted_at") WHERE current and flag_reason is not null;--> statement-breakpoint
CREATE INDEX "annotation_set_aside" ON "annotation" USING btree ("project_id") WHERE current and (excluded_at is not null or origin = 'adjudication');--> statement-breakpoint
CREATE UNIQUE INDEX "assignment_task_rater" ON "assignment" USING btree ("task_id","rater_id");--> statement-breakpoint
CREATE INDEX "assignment_claimable" ON "assignment" USING btree ("project_id","priority" DESC NULLS LAST,"position") WHERE status in ('open', 'leased');--> statement-breakpoint
CREATE INDEX "assignment_rater" ON "assignment" USING btree ("rater_id","status");--> statement-breakpoint
CREATE INDEX "curation_task" ON "curation" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "curation_project" ON "curation" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "preference_project" ON "preference" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "preference_strength" ON "preference" USING btree ("project_id","strength","id");--> statement-breakpoint
CREATE INDEX "preference_annotation" ON "preference" USING btree ("annotation_id");--> statement-breakpoint
CREATE INDEX "preference_task" ON "preference" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "preference_rater" ON "preference" USING btree ("rater_id");--> statement-breakpoint
CREATE INDEX "cluster_file_artifact" ON "cluster_file" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "prompt_project" ON "prompt" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "prompt_search" ON "prompt" USING gin ("search_text" gin_trgm_ops);--> statement-breakpoint
CREATE UNIQUE INDEX "response_key" ON "response" USING btree ("prompt_id","key");--> statement-breakpoint
CREATE INDEX "response_project" ON "response" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "response_search" ON "response" USING gin ("content" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "task_prompt" ON "task" USING btree ("prompt_id");--> statement-breakpoint
CREATE INDEX "task_project" ON "task" USING btree ("project_id","position");--> statement-breakpoint
CREATE INDEX "dataset_row_annotations" ON "dataset_row" USING gin ("annotation_ids");--> statement-breakpoint
CREATE INDEX "evaluation_model" ON "evaluation" USING btree ("model_id");--> statement-breakpoint
CREATE INDEX "evaluation_task_task" ON "evaluation_task" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "model_project" ON "model" USING btree ("project_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "model_version" ON "model" USING btree ("version_id");--> statement-breakpoint
CREATE INDEX "score_response" ON "score" USING btree ("response_id");--> statement-breakpoint
CREATE INDEX "membership_person" ON "membership" USING btree ("person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "person_email" ON "person" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "rater_person" ON "rater" USING btree ("project_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "rater_external" ON "rater" USING btree ("project_id","kind","external_id");--> statement-breakpoint
CREATE INDEX "sign_in_attempt_key" ON "sign_in_attempt" USING btree ("key","at");--> statement-breakpoint
CREATE UNIQUE INDEX "run_idempotency" ON "run" USING btree ("created_by","idempotency_key");--> statement-breakpoint
CREATE INDEX "run_claimable" ON "run" USING btree ("available_at") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "run_project" ON "run" USING btree ("project_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "run_log_run" ON "run_log" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "audit_time" ON "audit_entry" USING btree ("at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_project" ON "audit_entry" USING btree ("project_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_person" ON "audit_entry" USING btree ("person_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "event_topic" ON "event" USING btree ("topic","id");--> statement-breakpoint
CREATE UNIQUE INDEX "secret_name" ON "secret" USING btree ("person_id","name");