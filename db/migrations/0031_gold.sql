CREATE TYPE "public"."gold_source" AS ENUM('manager', 'adjudication', 'rater');--> statement-breakpoint
CREATE TYPE "public"."gold_use" AS ENUM('mixed', 'attention', 'qualification');--> statement-breakpoint
CREATE TYPE "public"."block_reason" AS ENUM('accuracy', 'qualification', 'manager');--> statement-breakpoint
CREATE TABLE "gold" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"use" "gold_use" NOT NULL,
	"answers" json NOT NULL,
	"form_version_id" uuid NOT NULL,
	"tolerance" smallint DEFAULT 0 NOT NULL,
	"reason" text NOT NULL,
	"source" "gold_source" NOT NULL,
	"created_by" uuid,
	"retired_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gold_answer" (
	"rater_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"assignment_id" uuid NOT NULL,
	"annotation_id" uuid,
	"correct" boolean,
	"answered_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "gold_answer_rater_id_task_id_pk" PRIMARY KEY("rater_id","task_id")
);
--> statement-breakpoint
DROP VIEW "public"."admitted";--> statement-breakpoint
ALTER TABLE "annotation" ADD COLUMN "gold" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "gold" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rater" ADD COLUMN "blocked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rater" ADD COLUMN "block_reason" "block_reason";--> statement-breakpoint
ALTER TABLE "rater" ADD COLUMN "qualified_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rater" ADD COLUMN "tested_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "gold" jsonb;--> statement-breakpoint
ALTER TABLE "gold" ADD CONSTRAINT "gold_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold" ADD CONSTRAINT "gold_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold" ADD CONSTRAINT "gold_form_version_id_form_version_id_fk" FOREIGN KEY ("form_version_id") REFERENCES "public"."form_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold" ADD CONSTRAINT "gold_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answer" ADD CONSTRAINT "gold_answer_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answer" ADD CONSTRAINT "gold_answer_task_id_gold_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."gold"("task_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answer" ADD CONSTRAINT "gold_answer_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answer" ADD CONSTRAINT "gold_answer_assignment_id_assignment_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignment"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gold_answer" ADD CONSTRAINT "gold_answer_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "gold_project" ON "gold" USING btree ("project_id","use");--> statement-breakpoint
CREATE INDEX "gold_answer_task" ON "gold_answer" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "gold_answer_project" ON "gold_answer" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "gold_answer_assignment" ON "gold_answer" USING btree ("assignment_id");--> statement-breakpoint
CREATE INDEX "gold_answer_annotation" ON "gold_answer" USING btree ("annotation_id");--> statement-breakpoint
CREATE VIEW "public"."admitted" AS (
  select n.id, n.project_id, n.task_id, n.rater_id, r.kind as rater_kind, n.origin,
    n.origin = 'adjudication' as is_adjudication, n.answers, n.form_version_id, n.submitted_at, n.flag_reason
  from annotation n join rater r on r.id = n.rater_id
  where n.current and n.excluded_at is null and not n.gold and r.consent_withdrawn_at is null);