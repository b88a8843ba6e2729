ALTER TYPE "public"."annotation_origin" ADD VALUE 'chat';--> statement-breakpoint
CREATE TABLE "chat_turn" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"prompt_key" text,
	"names_shown_at" timestamp with time zone,
	"annotation_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "model_call" ADD COLUMN "turn_id" uuid;--> statement-breakpoint
ALTER TABLE "model_call" ADD COLUMN "place" smallint;--> statement-breakpoint
ALTER TABLE "model_call" ADD COLUMN "said" text;--> statement-breakpoint
ALTER TABLE "chat_turn" ADD CONSTRAINT "chat_turn_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_turn" ADD CONSTRAINT "chat_turn_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_turn" ADD CONSTRAINT "chat_turn_annotation_id_annotation_id_fk" FOREIGN KEY ("annotation_id") REFERENCES "public"."annotation"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chat_turn_project" ON "chat_turn" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "chat_turn_person" ON "chat_turn" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "chat_turn_annotation" ON "chat_turn" USING btree ("annotation_id");--> statement-breakpoint
CREATE INDEX "chat_turn_time" ON "chat_turn" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_turn_id_chat_turn_id_fk" FOREIGN KEY ("turn_id") REFERENCES "public"."chat_turn"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "model_call_turn" ON "model_call" USING btree ("turn_id","place");