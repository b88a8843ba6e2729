ALTER TABLE "model" ADD COLUMN "held_out" jsonb;--> statement-breakpoint
ALTER TABLE "model" DROP COLUMN "held_out_rows";