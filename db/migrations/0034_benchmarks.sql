CREATE TABLE "benchmark" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"run_id" uuid,
	"name" text NOT NULL,
	"asked" jsonb NOT NULL,
	"key" text NOT NULL,
	"documents" integer,
	"figures" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"groups" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"contamination" jsonb,
	"seconds" double precision DEFAULT 0 NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "benchmark_item" (
	"benchmark_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"document" json NOT NULL,
	"prompt" text NOT NULL,
	"asked" jsonb NOT NULL,
	"replies" json NOT NULL,
	"graded" json NOT NULL,
	"cluster" text NOT NULL,
	"score" double precision,
	"failed" boolean NOT NULL,
	"cut" boolean NOT NULL,
	"tokens" bigint NOT NULL,
	"taint" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "benchmark_item_benchmark_id_position_pk" PRIMARY KEY("benchmark_id","position")
);
--> statement-breakpoint
ALTER TABLE "benchmark" ADD CONSTRAINT "benchmark_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark" ADD CONSTRAINT "benchmark_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark" ADD CONSTRAINT "benchmark_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark" ADD CONSTRAINT "benchmark_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark_item" ADD CONSTRAINT "benchmark_item_benchmark_id_benchmark_id_fk" FOREIGN KEY ("benchmark_id") REFERENCES "public"."benchmark"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "benchmark_project" ON "benchmark" USING btree ("project_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "benchmark_model" ON "benchmark" USING btree ("model_id");--> statement-breakpoint
CREATE INDEX "benchmark_run" ON "benchmark" USING btree ("run_id");