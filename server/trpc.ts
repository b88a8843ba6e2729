import { initTRPC, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Database, Db } from "../db/client";
import { membership, project } from "../db/schema";
import { wire } from "../db/shape/wire";
import type { Actor } from "./audit/audit";
import { auditRefusal } from "./audit/refusal";
import { DEFECT, expected, forbidden, notFound } from "./errors";
import { standingOf } from "./people/standing";

/** Somebody who proved who they are, by session or by token. */
export interface Viewer {
  personId: string;
  name: string;
  email: string;
  isAdmin: boolean;
  /** Set when the request came with an API token. */
  tokenId: string | null;
  /** Set when it came with a session's cookie. */
  sessionId?: string | null;
}

export interface Context extends Pick<Database, "db" | "sql"> {
  viewer: Viewer | null;
  /** Where the request came from, where there is one. */
  address?: string;
}

/** Where a procedure answers in the HTTP API: `/api/v1` + path, `{name}` taken from the input. */
export interface RestRoute {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  summary: string;
  /** It takes or gives a secret: nothing of it is kept for repeated requests. */
  secret?: true;
  /** It brings rows or documents, so that its body may be long. */
  rows?: true;
  /** What a subscription tells, one by one. */
  events?: z.ZodType;
}

interface Meta {
  rest?: RestRoute;
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    transformer: wire,
    // Stacks are for the log.
    isDev: false,
    errorFormatter({ shape, error }) {
      const told = expected(error);
      // The message of a defect is a statement or a path: it is for the log.
      if (!told) return { ...shape, message: DEFECT };
      // Zod writes its message as JSON for programs; these are its sentences.
      if (error.cause instanceof z.ZodError)
        return { ...shape, message: error.cause.issues.map(({ message }) => message).join(" ") };
      if (told === error) return shape;
      const { code, message } = told;
      return {
        ...shape,
        message,
        data: { ...shape.data, code, httpStatus: getHTTPStatusCodeFromError(told) },
      };
    },
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  });

export const router = t.router;
export const createCaller = t.createCallerFactory;

/** Anyone who is signed in. */
export const signedIn = t.procedure.use(({ ctx, next }) => {
  if (!ctx.viewer) throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in first." });
  const actor: Actor = {
    personId: ctx.viewer.personId,
    tokenId: ctx.viewer.tokenId,
    address: ctx.address ?? null,
  };
  return next({ ctx: { ...ctx, viewer: ctx.viewer, actor } });
});

/** Those who run this instance. */
export const admin = signedIn.use(async ({ ctx, path, next }) => {
  if (!ctx.viewer.isAdmin) {
    await auditRefusal(ctx.db, ctx.actor, { procedure: path });
    throw forbidden("Only an admin may do this.");
  }
  return next({ ctx });
});

export type ProjectRole = (typeof membership.$inferSelect)["role"];

const inProject = z.object({ projectId: z.uuid() });

/** The role in a project of somebody who may be an admin, too; undefined for those who are not in it. */
async function roleIn(
  db: Db,
  { personId, isAdmin }: Pick<Viewer, "personId" | "isAdmin">,
  projectId: string,
): Promise<ProjectRole | undefined> {
  const [found] = await db
    .select({ role: membership.role })
    .from(project)
    .leftJoin(membership, and(eq(membership.projectId, project.id), eq(membership.personId, personId)))
    .where(eq(project.id, projectId));
  return (isAdmin && found ? (found.role ?? "manager") : found?.role) ?? undefined;
}

/**
 * A member of the project named by `input.projectId` who has one of `roles`. An admin may do what a manager may.
 * Whoever is no member hears the same as if there were no such project.
 */
const withRole = (...roles: ProjectRole[]) =>
  signedIn.input(inProject).use(async ({ ctx, input: { projectId }, path, next }) => {
    const suffices = (role: ProjectRole, isAdmin: boolean) =>
      roles.includes(role) || (isAdmin && roles.includes("manager"));
    const role = await roleIn(ctx.db, ctx.viewer, projectId);
    if (!role) throw notFound("The project");
    if (!suffices(role, ctx.viewer.isAdmin)) {
      await auditRefusal(ctx.db, ctx.actor, { procedure: path, projectId });
      throw forbidden(`This needs the role ${roles.join(" or ")} in the project.`);
    }
    /** Asked again while an answer goes on: whether the viewer may still have it. */
    const mayStill = async () => {
      const standing = await standingOf(ctx.db, ctx.viewer);
      if (!standing) return false;
      const now = await roleIn(ctx.db, { ...ctx.viewer, ...standing }, projectId);
      return now !== undefined && suffices(now, standing.isAdmin);
    };
    return next({ ctx: { ...ctx, projectId, role, mayStill } });
  });

/** Anyone in the project. */
export const member = withRole("manager", "reviewer", "annotator");
/** Those who check the work of others. */
export const reviewer = withRole("manager", "reviewer");
/** Those who run the project. */
export const manager = withRole("manager");
