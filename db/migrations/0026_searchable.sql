DROP INDEX "prompt_search";--> statement-breakpoint
DROP INDEX "response_search";--> statement-breakpoint
ALTER TABLE "prompt" ADD COLUMN "searchable" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "response" ADD COLUMN "searchable" boolean DEFAULT true NOT NULL;--> statement-breakpoint
CREATE INDEX "prompt_unsearchable" ON "prompt" USING btree ("id") WHERE not searchable;--> statement-breakpoint
CREATE INDEX "response_unsearchable" ON "response" USING btree ("id") WHERE not searchable;--> statement-breakpoint
CREATE INDEX "prompt_search" ON "prompt" USING gin ("search_text" gin_trgm_ops) WHERE searchable;--> statement-breakpoint
CREATE INDEX "response_search" ON "response" USING gin ("content" gin_trgm_ops) WHERE searchable;--> statement-breakpoint
-- Takes a thousand texts at a time into the indexes, each thousand for itself. New words come into a list, which is
-- cheap, and are sorted into their index at the end.
CREATE PROCEDURE make_searchable() LANGUAGE plpgsql AS $$
DECLARE
  last uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
  LOOP
    PERFORM set_config('gin_pending_list_limit', '2000MB', true);
    WITH next AS (
      SELECT id FROM prompt WHERE NOT searchable AND id > last ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
    ), done AS (UPDATE prompt SET searchable = true FROM next WHERE prompt.id = next.id)
    SELECT id INTO last FROM next ORDER BY id DESC LIMIT 1;
    EXIT WHEN last IS NULL;
    COMMIT;
  END LOOP;
  last := '00000000-0000-0000-0000-000000000000';
  LOOP
    PERFORM set_config('gin_pending_list_limit', '2000MB', true);
    WITH next AS (
      SELECT id FROM response WHERE NOT searchable AND id > last ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
    ), done AS (UPDATE response SET searchable = true FROM next WHERE response.id = next.id)
    SELECT id INTO last FROM next ORDER BY id DESC LIMIT 1;
    EXIT WHEN last IS NULL;
    COMMIT;
  END LOOP;
  PERFORM sort_search_indexes();
END
$$;
