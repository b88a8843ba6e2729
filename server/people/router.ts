import { z } from "zod";
import { admin, router, signedIn } from "../trpc";
import {
  getPerson,
  invite,
  listPeople,
  renewLink,
  setAdmin,
  setDisabled,
  setPassword,
  signOutEverywhere,
  updateProfile,
} from "./people";
import { invitationSchema, passwordSchema, personSchema, profileSchema, signInLinkSchema } from "./schema";

const byId = z.object({ personId: z.uuid() });

export const personRouter = router({
  me: signedIn
    .meta({ rest: { method: "GET", path: "/me", summary: "Who the token belongs to" } })
    .output(personSchema)
    .query(({ ctx }) => getPerson(ctx.db, ctx.viewer.personId)),

  updateProfile: signedIn
    .meta({ rest: { method: "PUT", path: "/me", summary: "Change your name and address" } })
    .input(profileSchema)
    .output(personSchema)
    .mutation(({ ctx, input }) =>
      updateProfile(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  setPassword: signedIn
    .meta({
      rest: { method: "PUT", path: "/me/password", summary: "Set your password; ends all your sessions" },
    })
    .input(z.object({ password: passwordSchema, currentPassword: z.string().optional() }))
    .mutation(({ ctx, input }) =>
      setPassword(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  signOutEverywhere: signedIn
    .meta({ rest: { method: "POST", path: "/me/sign-out", summary: "End all your sessions" } })
    .mutation(({ ctx }) => signOutEverywhere(ctx.db, ctx.actor, ctx.viewer)),

  list: admin
    .meta({ rest: { method: "GET", path: "/people", summary: "People of this instance, newest first" } })
    .input(
      z.object({
        search: z.string().max(200).optional(),
        cursor: z.uuid().optional(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ items: z.array(personSchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listPeople(ctx.db, input)),

  invite: admin
    .meta({
      rest: { method: "POST", path: "/people", summary: "Invite somebody; answers with their sign-in link" },
    })
    .input(invitationSchema)
    .output(signInLinkSchema)
    .mutation(({ ctx, input }) => invite(ctx.db, ctx.actor, input)),

  renewLink: admin
    .meta({
      rest: {
        method: "POST",
        path: "/people/{personId}/link",
        summary: "Make a new sign-in link for somebody; with it they choose a new password",
      },
    })
    .input(byId)
    .output(signInLinkSchema)
    .mutation(({ ctx, input }) => renewLink(ctx.db, ctx.actor, input)),

  setDisabled: admin
    .meta({
      rest: {
        method: "PUT",
        path: "/people/{personId}/disabled",
        summary: "Disable somebody, which ends their sessions at once, or enable them again",
      },
    })
    .input(byId.extend({ disabled: z.boolean() }))
    .output(personSchema)
    .mutation(({ ctx, input }) => setDisabled(ctx.db, ctx.actor, input)),

  setAdmin: admin
    .meta({
      rest: {
        method: "PUT",
        path: "/people/{personId}/admin",
        summary: "Make somebody an admin, or no longer one",
      },
    })
    .input(byId.extend({ isAdmin: z.boolean() }))
    .output(personSchema)
    .mutation(({ ctx, input }) => setAdmin(ctx.db, ctx.actor, input)),
});
