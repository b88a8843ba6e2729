ALTER TYPE "public"."run_kind" ADD VALUE 'collect';--> statement-breakpoint
CREATE TABLE "cluster_upload" (
	"run_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "cluster_upload_run_id_sha256_pk" PRIMARY KEY("run_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "upload" (
	"project_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"person_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "upload_project_id_sha256_pk" PRIMARY KEY("project_id","sha256")
);
--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "retention" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "artifact" ADD COLUMN "condemned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "cluster_upload" ADD CONSTRAINT "cluster_upload_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_upload" ADD CONSTRAINT "cluster_upload_sha256_artifact_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."artifact"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload" ADD CONSTRAINT "upload_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload" ADD CONSTRAINT "upload_sha256_artifact_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."artifact"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upload" ADD CONSTRAINT "upload_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cluster_upload_artifact" ON "cluster_upload" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "upload_artifact" ON "upload" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "run_artifact_artifact" ON "run_artifact" USING btree ("sha256");--> statement-breakpoint
-- Files of imports so far were uploads of their project.
insert into upload (project_id, sha256, person_id)
select distinct on (run.project_id, file->>'sha256') run.project_id, file->>'sha256', run.created_by
from run, jsonb_array_elements(run.spec->'files') file
where run.kind = 'import' and run.project_id is not null and jsonb_typeof(run.spec->'files') = 'array'
  and exists (select from artifact where artifact.sha256 = file->>'sha256');
