-- The 12 bits after the milliseconds count quarters of a microsecond (RFC 9562, 6.2, method 3), so that the rows of one
-- statement sort as they were written. One expression, so that PostgreSQL inlines it.
CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (
    overlay(
      lpad(to_hex((extract(epoch FROM clock_timestamp()) * 4096000)::bigint), 15, '0')
      PLACING '7' FROM 13 FOR 0
    ) || right(gen_random_uuid()::text, 17)
  )::uuid
$$;
