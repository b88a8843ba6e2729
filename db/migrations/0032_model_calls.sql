CREATE TYPE "public"."call_status" AS ENUM('queued', 'running', 'done', 'failed', 'cancelled');--> statement-breakpoint
CREATE TABLE "model_call" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"token_id" uuid,
	"status" "call_status" DEFAULT 'queued' NOT NULL,
	"request" jsonb,
	"leased_until" timestamp with time zone,
	"wanted_until" timestamp with time zone NOT NULL,
	"error" jsonb,
	"input_tokens" integer DEFAULT 0 NOT NULL,
	"output_tokens" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "model_call_piece" (
	"call_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"piece" jsonb NOT NULL,
	CONSTRAINT "model_call_piece_call_id_position_pk" PRIMARY KEY("call_id","position")
);
--> statement-breakpoint
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_call_piece" ADD CONSTRAINT "model_call_piece_call_id_model_call_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."model_call"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "model_call_open" ON "model_call" USING btree ("created_at") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "model_call_person" ON "model_call" USING btree ("person_id","created_at");--> statement-breakpoint
CREATE INDEX "model_call_project" ON "model_call" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "model_call_model" ON "model_call" USING btree ("model_id");