CREATE TYPE "public"."norming_pass" AS ENUM('before', 'after');--> statement-breakpoint
CREATE TYPE "public"."norming_set" AS ENUM('same', 'parallel');--> statement-breakpoint
CREATE TABLE "norming" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"holds_work" boolean NOT NULL,
	"due_at" timestamp with time zone,
	"opened_at" timestamp with time zone,
	"again" "norming_set",
	"again_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"started_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "norming_item" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"norming_id" uuid NOT NULL,
	"pass" "norming_pass" NOT NULL,
	"position" smallint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "norming_rater" (
	"norming_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	CONSTRAINT "norming_rater_norming_id_rater_id_pk" PRIMARY KEY("norming_id","rater_id")
);
--> statement-breakpoint
CREATE TABLE "norming_remark" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
DROP VIEW "public"."admitted";--> statement-breakpoint
ALTER TABLE "annotation" RENAME COLUMN "gold" TO "apart";--> statement-breakpoint
ALTER TABLE "assignment" RENAME COLUMN "gold" TO "apart";--> statement-breakpoint
ALTER TABLE "norming" ADD CONSTRAINT "norming_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming" ADD CONSTRAINT "norming_started_by_person_id_fk" FOREIGN KEY ("started_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_item" ADD CONSTRAINT "norming_item_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_item" ADD CONSTRAINT "norming_item_norming_id_norming_id_fk" FOREIGN KEY ("norming_id") REFERENCES "public"."norming"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_rater" ADD CONSTRAINT "norming_rater_norming_id_norming_id_fk" FOREIGN KEY ("norming_id") REFERENCES "public"."norming"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_rater" ADD CONSTRAINT "norming_rater_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_remark" ADD CONSTRAINT "norming_remark_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_remark" ADD CONSTRAINT "norming_remark_task_id_norming_item_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."norming_item"("task_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "norming_remark" ADD CONSTRAINT "norming_remark_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "norming_project" ON "norming" USING btree ("project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "norming_running" ON "norming" USING btree ("project_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "norming_item_norming" ON "norming_item" USING btree ("norming_id");--> statement-breakpoint
CREATE INDEX "norming_rater_rater" ON "norming_rater" USING btree ("rater_id");--> statement-breakpoint
CREATE INDEX "norming_remark_task" ON "norming_remark" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "norming_remark_project" ON "norming_remark" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "norming_remark_person" ON "norming_remark" USING btree ("person_id");--> statement-breakpoint
CREATE VIEW "public"."admitted" AS (
  select n.id, n.project_id, n.task_id, n.rater_id, r.kind as rater_kind, n.origin,
    n.origin = 'adjudication' as is_adjudication, n.answers, n.form_version_id, n.submitted_at, n.flag_reason
  from annotation n join rater r on r.id = n.rater_id
  where n.current and n.excluded_at is null and not n.apart and r.consent_withdrawn_at is null);