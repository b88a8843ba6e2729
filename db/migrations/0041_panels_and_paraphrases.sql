ALTER TABLE "judge_verdict" DROP CONSTRAINT "judge_verdict_key";--> statement-breakpoint
ALTER TABLE "judge_version" DROP CONSTRAINT "judge_version_answers";--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD COLUMN "wording" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "judge_version" ADD COLUMN "assembly" jsonb;--> statement-breakpoint
ALTER TABLE "judge_verdict" ADD CONSTRAINT "judge_verdict_key" UNIQUE("version_id","task_id","order","sample","wording");--> statement-breakpoint
ALTER TABLE "judge_version" ADD CONSTRAINT "judge_version_answers" CHECK (num_nonnulls(endpoint_id, model_id, assembly) = 1);