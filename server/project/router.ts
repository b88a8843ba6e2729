import { tracked } from "@trpc/server";
import { z } from "zod";
import { deleteProject, projectContents } from "../erasure/project";
import { projectContentsSchema } from "../erasure/schema";
import { follow } from "../event/bus";
import { formSchema, formVersionSchema } from "../form/schema";
import { changeForm, listForms } from "../form/versions";
import { addGuidelines, listGuidelines } from "../guidelines/guidelines";
import { guidelineVersionSchema } from "../guidelines/schema";
import { manager, member, router, signedIn } from "../trpc";
import { archiveProject, createProject, getProject, listProjects, updateProject } from "./project";
import {
  createProjectSchema,
  projectDetailSchema,
  projectSummarySchema,
  updateProjectSchema,
} from "./schema";

export const projectRouter = router({
  list: signedIn
    .meta({ rest: { method: "GET", path: "/projects", summary: "Projects you are in, newest first" } })
    .output(z.object({ items: z.array(projectSummarySchema), mayCreate: z.boolean() }))
    .query(({ ctx }) => listProjects(ctx.db, ctx.viewer)),

  create: signedIn
    .meta({ rest: { method: "POST", path: "/projects", summary: "Create a project" } })
    .input(createProjectSchema)
    .output(projectDetailSchema)
    .mutation(({ ctx, input }) => createProject(ctx.db, ctx.actor, { viewer: ctx.viewer, input })),

  get: member
    .meta({ rest: { method: "GET", path: "/projects/{projectId}", summary: "One project" } })
    .output(projectDetailSchema)
    .query(({ ctx }) => getProject(ctx.db, ctx)),

  update: manager
    .meta({
      rest: { method: "PATCH", path: "/projects/{projectId}", summary: "Change a project's settings" },
    })
    .input(updateProjectSchema)
    .output(projectDetailSchema)
    .mutation(({ ctx, input: { projectId: _, ...settings } }) =>
      updateProject(ctx.db, ctx.actor, { projectId: ctx.projectId, role: ctx.role, settings }),
    ),

  archive: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/archive",
        summary: "Close a project for new judgements, or open it again",
      },
    })
    .input(z.object({ archived: z.boolean() }))
    .output(projectDetailSchema)
    .mutation(({ ctx, input }) => archiveProject(ctx.db, ctx.actor, { ...input, role: ctx.role })),

  contents: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/contents",
        summary: "All that would go with the project: how much of what, and how many bytes",
      },
    })
    .output(projectContentsSchema)
    .query(({ ctx }) => projectContents(ctx.db, ctx.projectId)),

  delete: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}",
        summary: "Delete a project with everything in it",
      },
    })
    .input(z.object({ name: z.string() }))
    .mutation(({ ctx, input }) => deleteProject(ctx.db, ctx.actor, input)),

  guidelines: member
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/guidelines",
        summary: "Versions of the guidelines, newest first",
      },
    })
    .output(z.array(guidelineVersionSchema))
    .query(({ ctx }) => listGuidelines(ctx.db, ctx)),

  addGuidelines: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/guidelines",
        summary: "Put a new version of the guidelines in force",
      },
    })
    .input(z.object({ markdown: z.string().max(200_000) }))
    .output(guidelineVersionSchema)
    .mutation(({ ctx, input }) => addGuidelines(ctx.db, ctx.actor, input)),

  forms: member
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/form",
        summary: "Versions of the form, newest first",
      },
    })
    .output(z.array(formVersionSchema))
    .query(({ ctx }) => listForms(ctx.db, ctx)),

  changeForm: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/form",
        summary: "Put a new version of the form in force",
      },
    })
    .input(z.object({ questions: formSchema }))
    .output(formVersionSchema)
    .mutation(({ ctx, input }) => changeForm(ctx.db, ctx.actor, input)),

  /** Live: that something changed among the project's judgements. */
  watch: member
    .input(z.object({ lastEventId: z.coerce.number().int().nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      const events = follow(ctx.db, ctx.sql, {
        topic: `project:${ctx.projectId}`,
        afterId: input.lastEventId ?? undefined,
        mayStill: ctx.mayStill,
        signal: signal ?? new AbortController().signal,
      });
      for await (const { id, kind } of events) yield tracked(String(id), { kind });
    }),
});
