CREATE TABLE "task_seen" (
	"task_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_seen_task_id_person_id_pk" PRIMARY KEY("task_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "email_change" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"token_hash" text,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "email_change_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "second_factor" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"ciphertext" text NOT NULL,
	"confirmed_at" timestamp with time zone,
	"last_step" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"person_id" uuid NOT NULL,
	"address" text NOT NULL,
	"agent" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
DROP INDEX "run_idempotency";--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "signed_in_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "audit_entry" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "idempotent_reply" ADD COLUMN "roles" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "task_seen" ADD CONSTRAINT "task_seen_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_seen" ADD CONSTRAINT "task_seen_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "email_change" ADD CONSTRAINT "email_change_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "second_factor" ADD CONSTRAINT "second_factor_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "session_person" ON "session" USING btree ("person_id","address");--> statement-breakpoint
CREATE UNIQUE INDEX "run_idempotency" ON "run" USING btree ("created_by","project_id","idempotency_key");--> statement-breakpoint
ALTER TABLE "person" DROP COLUMN "session_epoch";--> statement-breakpoint
-- Whoever has a way to sign in, or has used a link, has signed in.
UPDATE "person" SET "signed_in_at" = "created_at" WHERE "password_hash" IS NOT NULL
  OR EXISTS (SELECT FROM "account" WHERE "account"."person_id" = "person"."id")
  OR EXISTS (SELECT FROM "sign_in_link" WHERE "sign_in_link"."person_id" = "person"."id" AND "used_at" IS NOT NULL);--> statement-breakpoint
-- Kept answers held secrets, and keys of attempts were addresses.
DELETE FROM "idempotent_reply";--> statement-breakpoint
DELETE FROM "sign_in_attempt";--> statement-breakpoint
-- Sorting new words into an index takes its owner; the site's role owns nothing.
CREATE FUNCTION sort_search_indexes() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT gin_clean_pending_list('prompt_search') + gin_clean_pending_list('response_search')
$$;
