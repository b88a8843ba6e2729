import { Auth, createActionURL } from "@auth/core";
import NextAuth, { CredentialsSignin, type NextAuthConfig } from "next-auth";
import type { OIDCConfig } from "next-auth/providers";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { database } from "../db/client";
import { audit } from "./audit/audit";
import { type Environment, env } from "./env";
import { forbidden } from "./errors";
import { log } from "./log";
import { type Caller, callerOf } from "./people/caller";
import { isForged } from "./people/origin";
import { emailSchema } from "./people/schema";
import { beginSession, endSession, findSession, SESSION_DAYS } from "./people/sessions";
import {
  CodeNeeded,
  connectAccount,
  findProviderPerson,
  signInWithLink,
  signInWithPassword,
  signInWithProvider,
  TooManyAttempts,
} from "./people/sign-in";
import { releaseSeatsOf } from "./seat/seat";
import { findTokenOwner } from "./token/person";
import type { Context, Viewer } from "./trpc";

const SESSION_SECONDS = SESSION_DAYS * 24 * 3600;
const OIDC = "oidc";

class RateLimited extends CredentialsSignin {
  override code = "rate_limited";
}

class CodeMissing extends CredentialsSignin {
  override code = "code_needed";
}

const passwordForm = z.object({
  email: emailSchema,
  password: z.string().max(200),
  code: z.string().max(20).optional(),
});
const linkForm = z.object({ token: z.string() });
/** What a session cookie holds: everything else is looked up each time. */
const sessionToken = z.object({ sub: z.uuid(), sid: z.uuid() });
/** What `authorize` hands on about where the person signs in. */
const callerSchema = z.object({ caller: z.object({ address: z.string(), agent: z.string() }) });
const oidcClaims = z.object({
  sub: z.string(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  // Some providers send it as text.
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
});
const viewerSchema = z.object({
  personId: z.uuid(),
  name: z.string(),
  email: z.string(),
  isAdmin: z.boolean(),
  sessionId: z.uuid(),
});

interface Occasion {
  /** Of the request, where there is one. */
  headers?: Headers;
  /** Told what went wrong while a session was looked up: Auth.js itself would take it for a session that has ended. */
  failed?: (error: unknown) => void;
}

/** Sign-in by password, by one-time link and, when it is configured, by an OpenID Connect provider. */
function authConfig(settings: Environment, { headers, failed }: Occasion = {}): NextAuthConfig {
  const { db } = database();
  return {
    secret: settings.AUTH_SECRET,
    trustHost: true,
    basePath: "/api/auth",
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    logger: {
      error(error) {
        // Wrong passwords and sessions that have ended are daily life.
        if (error instanceof CredentialsSignin || error.name === "JWTSessionError") log.debug({ err: error });
        else log.error({ err: error }, "sign-in failed");
      },
      warn: (code) => log.warn({ code }, "next-auth"),
    },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [
      Credentials({
        id: "password",
        credentials: { email: {}, password: {}, code: {} },
        async authorize(form, request) {
          const { data } = passwordForm.safeParse(form);
          if (!data) return null;
          const caller = callerOf(request.headers);
          const id = await signInWithPassword(db, { ...data, address: caller.address }).catch(
            (error: unknown) => {
              if (error instanceof TooManyAttempts) throw new RateLimited();
              throw error instanceof CodeNeeded ? new CodeMissing() : error;
            },
          );
          return arriving(id, caller);
        },
      }),
      Credentials({
        id: "link",
        credentials: { token: {} },
        async authorize(form, request) {
          const { data } = linkForm.safeParse(form);
          const caller = callerOf(request.headers);
          return arriving(data && (await signInWithLink(db, { ...data, address: caller.address })), caller);
        },
      }),
      ...oidcProviders(settings),
    ],
    callbacks: {
      async signIn({ account, profile }) {
        if (account?.provider !== OIDC) return true;
        const claims = oidcClaims.parse(profile);
        const told = {
          provider: OIDC,
          providerAccountId: claims.sub,
          name: claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub,
          email: claims.email,
          emailVerified: claims.email_verified ?? settings.OIDC_TRUST_EMAIL,
        };
        if (await findProviderPerson(db, told)) return true;
        // Somebody who is signed in here went to the provider: the account there is theirs, too.
        const viewer = headers && (await sessionOf(headers)).viewer;
        if (viewer) await connectAccount(db, { ...told, personId: viewer.personId });
        const personId =
          viewer?.personId ?? (await signInWithProvider(db, told, { signUp: settings.OIDC_SIGN_UP }));
        return personId ? true : "/sign-in?error=NotInvited";
      },
      /** Runs at sign-in and for every request with a session: a disabled person is out at once. */
      async jwt({ token, user, account }) {
        if (account) {
          const personId =
            account.provider === OIDC
              ? await findProviderPerson(db, { provider: OIDC, providerAccountId: account.providerAccountId })
              : user.id;
          if (!personId) return null;
          const { data } = callerSchema.safeParse(user);
          const caller = data?.caller ?? callerOf(headers ?? new Headers());
          const sid = await beginSession(db, { personId, ...caller });
          const found = await findSession(db, sid);
          return found ? { sub: personId, sid, viewer: found } : null;
        }
        const { data } = sessionToken.safeParse(token);
        try {
          const found = data && (await findSession(db, data.sid));
          return found?.personId === data?.sub && found ? { ...token, viewer: found } : null;
        } catch (error) {
          failed?.(error);
          throw error;
        }
      },
      session: ({ session, token }) => ({
        expires: session.expires,
        viewer: viewerSchema.parse(token.viewer),
      }),
    },
    events: {
      /** Whoever leaves the desk leaves the tasks they held to others. */
      async signOut(message) {
        const { data } = sessionToken.safeParse("token" in message ? message.token : null);
        if (!data) return;
        await releaseSeatsOf(db, { personId: data.sub });
        await endSession(db, { personId: data.sub }, { personId: data.sub, sessionId: data.sid }).catch(
          // It has ended already, elsewhere.
          () => {},
        );
      },
      async signIn({ user, account }) {
        if (!user.id || !account) return;
        const isOidc = account.provider === OIDC;
        const personId = isOidc ? await findProviderPerson(db, account) : user.id;
        if (!personId) return;
        const { data } = callerSchema.safeParse(user);
        const address = data?.caller.address ?? callerOf(headers ?? new Headers()).address;
        await audit(
          db,
          { personId, address },
          {
            action: "person.signIn",
            target: { kind: "person", id: personId },
            after: { by: account.provider },
          },
        );
      },
    },
  };
}

/** What `authorize` answers: who came, and from where. */
function arriving(id: string | undefined, caller: Caller) {
  return id ? { id, caller } : null;
}

function oidcProviders(settings: Environment): OIDCConfig<Record<string, unknown>>[] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = settings;
  if (!issuer || !clientId) return [];
  return [
    {
      id: OIDC,
      name: settings.OIDC_NAME,
      type: "oidc",
      issuer,
      clientId,
      clientSecret,
      // A client without a secret proves itself by PKCE alone.
      client: { token_endpoint_auth_method: clientSecret ? "client_secret_basic" : "none" },
      authorization: { params: { scope: "openid profile email" } },
      checks: ["pkce", "state", "nonce"],
      // Some providers keep name and address out of the identity token.
      idToken: false,
    },
  ];
}

/** Name of the configured provider, for its button. */
export const oidcName = (settings: Environment) =>
  settings.OIDC_ISSUER && settings.OIDC_CLIENT_ID ? settings.OIDC_NAME : undefined;

export const { handlers, signIn, signOut } = NextAuth((request) =>
  authConfig(env(), { headers: request?.headers }),
);

const sessionReply = z.object({ viewer: viewerSchema }).nullable();

export interface Session {
  viewer: Viewer | null;
  /** `Set-Cookie` values that prolong the session, or end it. */
  cookies: string[];
}

/** The session of a request's cookie. */
export async function sessionOf(headers: Headers): Promise<Session> {
  const cookie = headers.get("cookie");
  if (!cookie) return { viewer: null, cookies: [] };
  const failures: unknown[] = [];
  const config = authConfig(env(), { failed: (error) => failures.push(error) });
  const protocol = headers.get("x-forwarded-proto") ?? "http";
  const url = createActionURL("session", protocol, headers, process.env, config);
  const reply = await Auth(new Request(url, { headers: { cookie } }), config);
  // A database that is away ends nobody's session.
  if (failures.length > 0) throw failures[0];
  const session = sessionReply.parse(await reply.json());
  return {
    viewer: session && { ...session.viewer, tokenId: null },
    cookies: reply.headers.getSetCookie(),
  };
}

/** Who sends a request: by bearer token if there is one, else by session cookie. */
export async function viewerOf(headers: Headers): Promise<Viewer | null> {
  const authorization = headers.get("authorization");
  if (!authorization) return (await sessionOf(headers)).viewer;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const owner = token && (await findTokenOwner(database().db, token));
  return owner ? { ...owner, sessionId: null } : null;
}

/**
 * What procedures run with, for a request, or for a page by its headers alone.
 * @throws FORBIDDEN for a request that another site's page makes with the cookie of a person here
 */
export async function contextOf({
  headers,
  method = "GET",
}: {
  headers: Headers;
  method?: string;
}): Promise<Context> {
  const { db, sql } = database();
  if (isForged({ headers, method })) throw forbidden("This came from a page of another site, or from none.");
  return { db, sql, viewer: await viewerOf(headers), address: callerOf(headers).address };
}
