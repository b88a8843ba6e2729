ALTER TABLE "quality_view" ADD COLUMN "raters_dirty_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "quality_view" ADD COLUMN "raters_leased_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "quality_view_raters_dirty" ON "quality_view" USING btree ("raters_dirty_at") WHERE raters_dirty_at is not null;