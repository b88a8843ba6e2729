ALTER TABLE "person" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "retention" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
-- Beside what a deleted project left in it, the audit log loses where an erased person was, what was written about them,
-- and the addresses that a project keeps no longer. Who did what, and when, stays.
CREATE FUNCTION audit_forget_person(gone uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE audit_entry SET address = NULL
  WHERE address IS NOT NULL AND (person_id = gone OR (target_kind = 'person' AND target_id = gone::text))
    AND EXISTS (SELECT FROM person WHERE id = gone AND erased_at IS NOT NULL);
  UPDATE audit_entry SET before = NULL, after = NULL FROM person p
  WHERE p.id = gone AND p.erased_at IS NOT NULL AND ((target_kind = 'person' AND target_id = gone::text)
    OR strpos(lower(coalesce(before::text, '') || coalesce(after::text, '')), lower(to_json(p.email)::text)) > 0)
$$;--> statement-breakpoint
CREATE FUNCTION audit_forget_addresses() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH forgotten AS (
    UPDATE audit_entry a SET address = NULL FROM project p
    WHERE p.id = a.project_id AND a.address IS NOT NULL
      AND a.at < now() - make_interval(days => (p.retention->>'addresses')::int)
    RETURNING a.id)
  SELECT count(*) FROM forgotten
$$;
