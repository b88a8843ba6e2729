-- Languages in the spelling of BCP 47, as they are stored from now on: zh-Hant, pt-BR, en.
CREATE FUNCTION pg_temp.canonical(tag text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(CASE WHEN place > 1 AND length(part) = 2 THEN upper(part)
    WHEN place > 1 AND part ~ '^[A-Za-z]{4}$' THEN initcap(part) ELSE lower(part) END, '-' ORDER BY place)
  FROM regexp_split_to_table(tag, '-') WITH ORDINALITY AS listed (part, place)
$$;--> statement-breakpoint
UPDATE "prompt" SET "language" = pg_temp.canonical("language") WHERE "language" <> pg_temp.canonical("language");--> statement-breakpoint
UPDATE "task" SET "language" = pg_temp.canonical("language") WHERE "language" <> pg_temp.canonical("language");--> statement-breakpoint
UPDATE "assignment" SET "language" = pg_temp.canonical("language") WHERE "language" <> pg_temp.canonical("language");--> statement-breakpoint
UPDATE "rater" SET "languages" = array(SELECT DISTINCT pg_temp.canonical(tag) FROM unnest("languages") tag)
WHERE EXISTS (SELECT FROM unnest("languages") tag WHERE tag <> pg_temp.canonical(tag));
