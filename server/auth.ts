import { Auth, createActionURL } from "@auth/core";
import NextAuth, { CredentialsSignin, type NextAuthConfig } from "next-auth";
import type { OIDCConfig } from "next-auth/providers";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { database } from "../db/client";
import { audit } from "./audit/audit";
import { type Environment, env } from "./env";
import { log } from "./log";
import { emailSchema } from "./people/schema";
import {
  findProviderPerson,
  findSessionPerson,
  signInWithLink,
  signInWithPassword,
  signInWithProvider,
  TooManyAttempts,
} from "./people/sign-in";
import { releaseSeatsOf } from "./seat/seat";
import { findTokenOwner } from "./token/person";
import type { Context, Viewer } from "./trpc";

const SESSION_SECONDS = 30 * 24 * 3600;
const OIDC = "oidc";

class RateLimited extends CredentialsSignin {
  override code = "rate_limited";
}

const passwordForm = z.object({ email: emailSchema, password: z.string() });
const linkForm = z.object({ token: z.string() });
/** What a session cookie holds: everything else is looked up each time. */
const sessionToken = z.object({ sub: z.uuid(), epoch: z.number().int() });
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
});

/** Sign-in by password, by one-time link and, when it is configured, by an OpenID Connect provider. */
export function authConfig(settings: Environment): NextAuthConfig {
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
        credentials: { email: {}, password: {} },
        async authorize(form, request) {
          const { data } = passwordForm.safeParse(form);
          if (!data) return null;
          const address = request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "unknown";
          const id = await signInWithPassword(db, { ...data, address }).catch((error: unknown) => {
            throw error instanceof TooManyAttempts ? new RateLimited() : error;
          });
          return id ? { id } : null;
        },
      }),
      Credentials({
        id: "link",
        credentials: { token: {} },
        async authorize(form) {
          const { data } = linkForm.safeParse(form);
          const id = data && (await signInWithLink(db, data.token));
          return id ? { id } : null;
        },
      }),
      ...oidcProviders(settings),
    ],
    callbacks: {
      async signIn({ account, profile }) {
        if (account?.provider !== OIDC) return true;
        const claims = oidcClaims.parse(profile);
        const personId = await signInWithProvider(
          db,
          {
            provider: OIDC,
            providerAccountId: claims.sub,
            name: claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub,
            email: claims.email,
            emailVerified: claims.email_verified ?? settings.OIDC_TRUST_EMAIL,
          },
          { signUp: settings.OIDC_SIGN_UP },
        );
        return personId ? true : "/sign-in?error=NotInvited";
      },
      /** Runs at sign-in and for every request with a session: a disabled person is out at once. */
      async jwt({ token, user, account }) {
        if (account) {
          const personId =
            account.provider === OIDC
              ? await findProviderPerson(db, { provider: OIDC, providerAccountId: account.providerAccountId })
              : user.id;
          const found = personId ? await findSessionPerson(db, { personId }) : undefined;
          return found ? { sub: found.personId, epoch: found.epoch, viewer: found } : null;
        }
        const { data } = sessionToken.safeParse(token);
        const found = data && (await findSessionPerson(db, { personId: data.sub, epoch: data.epoch }));
        return found ? { ...token, viewer: found } : null;
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
        if (data) await releaseSeatsOf(db, { personId: data.sub });
      },
      async signIn({ user, account }) {
        if (!user.id || !account) return;
        const isOidc = account.provider === OIDC;
        const personId = isOidc ? await findProviderPerson(db, account) : user.id;
        if (!personId) return;
        await audit(
          db,
          { personId },
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

export const { handlers, signIn, signOut } = NextAuth(() => authConfig(env()));

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
  const config = authConfig(env());
  const protocol = headers.get("x-forwarded-proto") ?? "http";
  const url = createActionURL("session", protocol, headers, process.env, config);
  const reply = await Auth(new Request(url, { headers: { cookie } }), config);
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
  return (token && (await findTokenOwner(database().db, token))) || null;
}

/** What procedures run with, for a request. */
export async function contextOf(headers: Headers): Promise<Context> {
  const { db, sql } = database();
  return { db, sql, viewer: await viewerOf(headers) };
}
