ALTER TABLE "person" ADD COLUMN "desk_keys" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "practised_at" timestamp with time zone;