CREATE TABLE "remark" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"assignment_id" uuid NOT NULL,
	"rater_id" uuid NOT NULL,
	"person_id" uuid,
	"by_rater" boolean NOT NULL,
	"text" text NOT NULL,
	"read_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "curation" ADD COLUMN "seen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "remark" ADD CONSTRAINT "remark_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remark" ADD CONSTRAINT "remark_assignment_id_assignment_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignment"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remark" ADD CONSTRAINT "remark_rater_id_rater_id_fk" FOREIGN KEY ("rater_id") REFERENCES "public"."rater"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remark" ADD CONSTRAINT "remark_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "remark_thread" ON "remark" USING btree ("assignment_id","rater_id","created_at");--> statement-breakpoint
CREATE INDEX "remark_rater" ON "remark" USING btree ("rater_id");--> statement-breakpoint
CREATE INDEX "remark_person" ON "remark" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "remark_unread" ON "remark" USING btree ("project_id","created_at") WHERE read_at is null;--> statement-breakpoint
-- Until now every decision was made with the votes beside it.
UPDATE "curation" SET "seen_at" = "created_at" WHERE "action" = 'adjudicate';
