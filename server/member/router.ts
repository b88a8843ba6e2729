import { z } from "zod";
import { projectRoleSchema } from "../people/role";
import { emailSchema, memberSchema } from "../people/schema";
import { manager, reviewer, router } from "../trpc";
import { listMembers, removeMember, setMember } from "./member";

export const memberRouter = router({
  list: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/members", summary: "Who takes part in a project" },
    })
    .output(z.array(memberSchema))
    .query(({ ctx }) => listMembers(ctx.db, ctx.projectId)),

  set: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/members",
        summary: "Add somebody to a project, or change their role",
      },
    })
    .input(z.object({ email: emailSchema, role: projectRoleSchema }))
    .output(memberSchema)
    .mutation(({ ctx, input }) => setMember(ctx.db, ctx.actor, input)),

  remove: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/members/{personId}",
        summary: "Take somebody out of a project; their judgements stay",
      },
    })
    .input(z.object({ personId: z.uuid() }))
    .mutation(({ ctx, input }) => removeMember(ctx.db, ctx.actor, input)),
});
