CREATE TABLE "candidate" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"key" text NOT NULL,
	"parents" text[] NOT NULL,
	"operator" text NOT NULL,
	"content" json NOT NULL,
	"asks" text[] NOT NULL,
	"verdicts" jsonb NOT NULL,
	"dropped" text,
	"source_prompts" uuid[] NOT NULL,
	"source_annotations" uuid[] NOT NULL,
	"audited" boolean NOT NULL,
	"decision" text,
	"reason" text,
	"edited" json,
	"decided_by" uuid,
	"decided_at" timestamp with time zone,
	"prompt_id" uuid,
	"annotation_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "candidate_position" UNIQUE("run_id","position")
);
--> statement-breakpoint
CREATE TABLE "data_ask" (
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"slot" text NOT NULL,
	"request" json NOT NULL,
	"reply" json,
	"failure" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "data_ask_run_id_key_pk" PRIMARY KEY("run_id","key"),
	CONSTRAINT "data_ask_outcome" CHECK (num_nonnulls(reply, failure) = 1)
);
--> statement-breakpoint
CREATE TABLE "data_run" (
	"run_id" uuid PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"recipe" jsonb NOT NULL,
	"recipe_hash" text NOT NULL,
	"inputs" json NOT NULL,
	"rater_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "candidate" ADD CONSTRAINT "candidate_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate" ADD CONSTRAINT "candidate_run_id_data_run_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."data_run"("run_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate" ADD CONSTRAINT "candidate_decided_by_person_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate" ADD CONSTRAINT "candidate_prompt_id_prompt_id_fk" FOREIGN KEY ("prompt_id") REFERENCES "public"."prompt"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate" ADD CONSTRAINT "candidate_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_ask" ADD CONSTRAINT "data_ask_run_id_data_run_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."data_run"("run_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_run" ADD CONSTRAINT "data_run_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_run" ADD CONSTRAINT "data_run_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_run" ADD CONSTRAINT "data_run_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "candidate_project" ON "candidate" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "candidate_waiting" ON "candidate" USING btree ("run_id","position") WHERE audited and dropped is null and decision is null;--> statement-breakpoint
CREATE INDEX "candidate_prompt" ON "candidate" USING btree ("prompt_id");--> statement-breakpoint
CREATE INDEX "candidate_annotation" ON "candidate" USING btree ("annotation_id") WHERE annotation_id is not null;--> statement-breakpoint
CREATE INDEX "candidate_decider" ON "candidate" USING btree ("decided_by");--> statement-breakpoint
CREATE INDEX "data_run_project" ON "data_run" USING btree ("project_id","run_id" DESC NULLS LAST);