ALTER TABLE "person" DROP COLUMN "erased_at";--> statement-breakpoint
ALTER TABLE "project" DROP COLUMN "retention";