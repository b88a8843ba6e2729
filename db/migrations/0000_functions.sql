-- Trigrams serve full-text search in any script, Chinese, Japanese and Thai included, where word stemming does not.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- RFC 9562 version 7: 48 bits of milliseconds, then random. PostgreSQL has its own only from 18 on.
CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          FROM 1 FOR 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid
$$;
