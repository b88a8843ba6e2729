import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { DeskKeys } from "../shape/desk";
import { blockReasons } from "../shape/gold";
import type { Language } from "../shape/language";
import { projectRoles, raterKinds } from "../shape/people";
import { createdAt, id, instant } from "./columns";
import { project } from "./project";

/** Somebody who can sign in. Authority comes from `isAdmin` (the instance) and `membership` (a project). */
export const person = pgTable(
  "person",
  {
    id: id(),
    name: text().notNull(),
    email: text().notNull(),
    passwordHash: text(),
    isAdmin: boolean().notNull().default(false),
    disabledAt: instant(),
    /** Nothing of them is left but this row, to which their work leads. */
    erasedAt: instant(),
    /** The first sign-in: from then on an address alone opens this account to nobody. */
    signedInAt: instant(),
    /** Keys of the desk that they chose in place of the usual ones. */
    deskKeys: jsonb().$type<DeskKeys>().notNull().default({}),
    /** When they practised the desk's keys, or said that they need not. */
    practisedAt: instant(),
    /** In which the site speaks to them; absent: as their browser asks. */
    language: text().$type<Language>(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("person_email").on(sql`lower(${t.email})`)],
);

/** A sign-in that goes on: the cookie holds its id, so that it ends here and not where the cookie lies. */
export const session = pgTable(
  "session",
  {
    id: id(),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    /** Where it began. */
    address: text().notNull(),
    agent: text().notNull(),
    createdAt: createdAt(),
    seenAt: createdAt(),
    endedAt: instant(),
  },
  (t) => [index("session_person").on(t.personId, t.address)],
);

/** The secret of an app that makes codes for signing in, encrypted; see server/people/second-factor. */
export const secondFactor = pgTable("second_factor", {
  personId: uuid()
    .primaryKey()
    .references(() => person.id, { onDelete: "cascade" }),
  ciphertext: text().notNull(),
  confirmedAt: instant(),
  /** Of the last code that was used: each is good once. */
  lastStep: integer().notNull().default(0),
  createdAt: createdAt(),
});

/** Another address that a person asked for, until they open the link that an admin sends to it. */
export const emailChange = pgTable("email_change", {
  personId: uuid()
    .primaryKey()
    .references(() => person.id, { onDelete: "cascade" }),
  email: text().notNull(),
  tokenHash: text().unique(),
  expiresAt: instant(),
  createdAt: createdAt(),
});

/** The sign-in a person has at an OIDC provider. */
export const account = pgTable(
  "account",
  {
    provider: text().notNull(),
    providerAccountId: text().notNull(),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.providerAccountId] })],
);

/** A link that signs its person in once: invitations, forgotten passwords and the first admin. */
export const signInLink = pgTable("sign_in_link", {
  id: id(),
  tokenHash: text().notNull().unique(),
  personId: uuid()
    .notNull()
    .references(() => person.id, { onDelete: "cascade" }),
  createdBy: uuid().references(() => person.id),
  expiresAt: instant().notNull(),
  usedAt: instant(),
  createdAt: createdAt(),
});

/** A personal bearer token of the HTTP API. Only its hash is kept; `prefix` lets its owner recognise it. */
export const apiToken = pgTable("api_token", {
  id: id(),
  personId: uuid()
    .notNull()
    .references(() => person.id, { onDelete: "cascade" }),
  name: text().notNull(),
  prefix: text().notNull(),
  tokenHash: text().notNull().unique(),
  expiresAt: instant(),
  revokedAt: instant(),
  lastUsedAt: instant(),
  createdAt: createdAt(),
});

/** Attempts that failed, by what they count for, in a sliding window; see server/people/attempts. */
export const signInAttempt = pgTable(
  "sign_in_attempt",
  { id: id(), key: text().notNull(), at: createdAt() },
  (t) => [index("sign_in_attempt_key").on(t.key, t.at)],
);

export const projectRole = pgEnum("project_role", projectRoles);

/** What a person may do in a project. The same person may hold different roles in different projects. */
export const membership = pgTable(
  "membership",
  {
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    role: projectRole().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.personId] }), index("membership_person").on(t.personId)],
);

export const raterKind = pgEnum("rater_kind", raterKinds);
export const blockReason = pgEnum("block_reason", blockReasons);

/**
 * Whoever judges in a project: a member, a judge model, or a rater of an imported study. Survives the membership,
 * because judgements keep their rater.
 */
export const rater = pgTable(
  "rater",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    kind: raterKind().notNull(),
    name: text().notNull(),
    /** Set for kind `person`. */
    personId: uuid().references(() => person.id),
    /** The id in the imported study, or the model's name. */
    externalId: text(),
    /** Skills, matched against the task's language and domain. Empty means any. */
    languages: text().array().notNull().default(sql`'{}'`),
    domains: text().array().notNull().default(sql`'{}'`),
    /** Set when the rater withdrew consent: their work stays out of every later dataset version. */
    consentWithdrawnAt: instant(),
    /** Gets no seats since then; what they judged stays as it is. */
    blockedAt: instant(),
    blockReason: blockReason(),
    /** Passed the qualification, or was let off it. */
    qualifiedAt: instant(),
    /** Answers to gold items from then on are tested; null: all are. */
    testedSince: instant(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("rater_person").on(t.projectId, t.personId),
    uniqueIndex("rater_external").on(t.projectId, t.kind, t.externalId),
  ],
);
