CREATE TABLE "endpoint" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"url" text,
	"model" text NOT NULL,
	"key_ciphertext" text,
	"input_price" double precision,
	"cached_price" double precision,
	"output_price" double precision,
	"requests_per_minute" integer,
	"tokens_per_minute" integer,
	"concurrency" integer NOT NULL,
	"capabilities" jsonb,
	"missing" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"retires_on" date,
	"probed_at" timestamp with time zone,
	"problem" text,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "endpoint_attempt" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"call_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"run_id" uuid,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"status" integer,
	"error" text,
	"input" integer,
	"cached" integer,
	"output" integer,
	"cost" double precision,
	"bound" double precision
);
--> statement-breakpoint
CREATE TABLE "endpoint_call" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"key" text NOT NULL,
	"reply" json,
	"holder" uuid,
	"leased_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_attempt" ADD CONSTRAINT "endpoint_attempt_call_id_endpoint_call_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."endpoint_call"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_attempt" ADD CONSTRAINT "endpoint_attempt_endpoint_id_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoint"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_attempt" ADD CONSTRAINT "endpoint_attempt_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_call" ADD CONSTRAINT "endpoint_call_endpoint_id_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoint"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "endpoint_name" ON "endpoint" USING btree ("project_id","name") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "endpoint_attempt_call" ON "endpoint_attempt" USING btree ("call_id");--> statement-breakpoint
CREATE INDEX "endpoint_attempt_endpoint" ON "endpoint_attempt" USING btree ("endpoint_id");--> statement-breakpoint
CREATE INDEX "endpoint_attempt_run" ON "endpoint_attempt" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "endpoint_call_key" ON "endpoint_call" USING btree ("endpoint_id","key");