import { initTRPC, TRPCError } from "@trpc/server";
import { and, eq } from "drizzle-orm";
import superjson from "superjson";
import { z } from "zod";
import type { Database } from "../db/client";
import { membership, project } from "../db/schema";
import type { Actor } from "./audit/audit";
import { notFound } from "./errors";

/** Somebody who proved who they are, by session or by token. */
export interface Viewer {
  personId: string;
  name: string;
  email: string;
  isAdmin: boolean;
  /** Set when the request came with an API token. */
  tokenId: string | null;
}

export interface Context extends Pick<Database, "db" | "sql"> {
  viewer: Viewer | null;
}

/** Where a procedure answers in the HTTP API: `/api/v1` + path, `{name}` taken from the input. */
export interface RestRoute {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  summary: string;
}

export interface Meta {
  rest?: RestRoute;
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    transformer: superjson,
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  });

export const router = t.router;
export const createCaller = t.createCallerFactory;

/** No sign-in needed. */
export const open = t.procedure;

/** Anyone who is signed in. */
export const signedIn = t.procedure.use(({ ctx, next }) => {
  if (!ctx.viewer) throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in first." });
  const actor: Actor = { personId: ctx.viewer.personId, tokenId: ctx.viewer.tokenId };
  return next({ ctx: { ...ctx, viewer: ctx.viewer, actor } });
});

/** Those who run this instance. */
export const admin = signedIn.use(({ ctx, next }) => {
  if (!ctx.viewer.isAdmin) throw new TRPCError({ code: "FORBIDDEN", message: "Only an admin may do this." });
  return next({ ctx });
});

export type ProjectRole = (typeof membership.$inferSelect)["role"];

const inProject = z.object({ projectId: z.uuid() });

/**
 * A member of the project named by `input.projectId` who has one of `roles`. An admin may do what a manager may.
 * Whoever is no member hears the same as if there were no such project.
 */
const withRole = (...roles: ProjectRole[]) =>
  signedIn.input(inProject).use(async ({ ctx, input, next }) => {
    const [found] = await ctx.db
      .select({ id: project.id, role: membership.role })
      .from(project)
      .leftJoin(
        membership,
        and(eq(membership.projectId, project.id), eq(membership.personId, ctx.viewer.personId)),
      )
      .where(eq(project.id, input.projectId));
    const role = ctx.viewer.isAdmin ? (found?.role ?? "manager") : found?.role;
    if (!found || !role) throw notFound("The project");
    const allowed = roles.includes(role) || (ctx.viewer.isAdmin && roles.includes("manager"));
    if (!allowed)
      throw new TRPCError({
        code: "FORBIDDEN",
        message: `This needs the role ${roles.join(" or ")} in the project.`,
      });
    return next({ ctx: { ...ctx, projectId: found.id, role } });
  });

/** Anyone in the project. */
export const member = withRole("manager", "reviewer", "annotator");
/** Those who check the work of others. */
export const reviewer = withRole("manager", "reviewer");
/** Those who run the project. */
export const manager = withRole("manager");
