ALTER TABLE "artifact" ADD COLUMN "released_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "idempotent_reply" ADD COLUMN "project_id" uuid;--> statement-breakpoint
-- The site's role leaves the audit log as it is, but for what a deleted project left in it: who did what stays.
CREATE FUNCTION audit_forget_project(gone uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE audit_entry SET before = NULL, after = NULL
  WHERE project_id = gone AND NOT EXISTS (SELECT FROM project WHERE id = gone)
$$;
