CREATE TYPE "public"."prompt_exposure" AS ENUM('held_out', 'new', 'trained');--> statement-breakpoint
ALTER TABLE "evaluation" ADD COLUMN "question_id" text;--> statement-breakpoint
ALTER TABLE "evaluation" ADD COLUMN "settled" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "evaluation" ADD COLUMN "unanswered" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "evaluation_task" ADD COLUMN "exposure" "prompt_exposure";