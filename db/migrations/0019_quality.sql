CREATE TABLE "quality_view" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"filter_key" text NOT NULL,
	"filter" jsonb NOT NULL,
	"dirty_at" timestamp with time zone,
	"leased_until" timestamp with time zone,
	"measured_at" timestamp with time zone,
	"took_ms" integer,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"report" jsonb,
	"failed" text,
	CONSTRAINT "quality_view_filter" UNIQUE("project_id","filter_key")
);
--> statement-breakpoint
CREATE TABLE "rater_note" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"text" text NOT NULL,
	"person_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "quality_view" ADD CONSTRAINT "quality_view_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rater_note" ADD CONSTRAINT "rater_note_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rater_note" ADD CONSTRAINT "rater_note_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rater_note" ADD CONSTRAINT "rater_note_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "quality_view_dirty" ON "quality_view" USING btree ("dirty_at") WHERE dirty_at is not null;--> statement-breakpoint
CREATE INDEX "rater_note_rater" ON "rater_note" USING btree ("rater_id","created_at");--> statement-breakpoint
CREATE INDEX "rater_note_project" ON "rater_note" USING btree ("project_id");