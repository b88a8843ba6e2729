import { z } from "zod";
import { admin, router, signedIn } from "../trpc";
import { getDeskHabits, setDeskHabits } from "./desk";
import { askForEmail, confirmEmail, createEmailLink, setEmail } from "./email";
import {
  getPerson,
  invite,
  listPeople,
  provePassword,
  renewLink,
  setAdmin,
  setDisabled,
  setPassword,
  signOutEverywhere,
  updateProfile,
} from "./people";
import {
  codeSchema,
  deskChangeSchema,
  deskHabitsSchema,
  emailSchema,
  invitationSchema,
  passwordSchema,
  personSchema,
  profileSchema,
  proofSchema,
  sessionSchema,
  signInLinkSchema,
} from "./schema";
import { beginSecondFactor, confirmSecondFactor, hasSecondFactor, removeSecondFactor } from "./second-factor";
import { endSession, listSessions } from "./sessions";

const byId = z.object({ personId: z.uuid() });

export const personRouter = router({
  me: signedIn
    .meta({ rest: { method: "GET", path: "/me", summary: "Who the token belongs to" } })
    .output(personSchema)
    .query(({ ctx }) => getPerson(ctx.db, ctx.viewer.personId)),

  updateProfile: signedIn
    .meta({ rest: { method: "PUT", path: "/me", summary: "Change your name" } })
    .input(profileSchema)
    .output(personSchema)
    .mutation(({ ctx, input }) =>
      updateProfile(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  desk: signedIn
    .meta({ rest: { method: "GET", path: "/me/desk", summary: "How you work: your keys, your language" } })
    .output(deskHabitsSchema)
    .query(({ ctx }) => getDeskHabits(ctx.db, ctx.viewer.personId)),

  setDesk: signedIn
    .meta({
      rest: {
        method: "PATCH",
        path: "/me/desk",
        summary:
          "Bind actions of the desk to other keys, or choose a language; `keys` replaces all of them, {} brings the usual ones back",
      },
    })
    .input(deskChangeSchema)
    .output(deskHabitsSchema)
    .mutation(({ ctx, input }) =>
      setDeskHabits(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  changeEmail: signedIn
    .meta({
      rest: {
        method: "PUT",
        path: "/me/email",
        summary: "Ask for another address; it is yours when you open a link that an admin sends to it",
        secret: true,
      },
    })
    .input(proofSchema.extend({ email: emailSchema }))
    .output(z.object({ changed: z.boolean() }))
    .mutation(async ({ ctx, input: { email, currentPassword } }) => {
      const { personId, isAdmin } = ctx.viewer;
      await provePassword(ctx.db, { personId, currentPassword });
      // An admin answers for every address here, and gives their own out as well.
      if (isAdmin) await ctx.db.transaction((tx) => setEmail(tx, ctx.actor, { personId, email }));
      else await askForEmail(ctx.db, ctx.actor, { personId, email });
      return { changed: isAdmin };
    }),

  confirmEmail: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/me/email/confirmation",
        summary: "Take the address of a link that was sent to it",
        secret: true,
      },
    })
    .input(z.object({ token: z.string().max(100) }))
    .mutation(({ ctx, input }) =>
      confirmEmail(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  hasSecondFactor: signedIn
    .output(z.object({ active: z.boolean() }))
    .query(async ({ ctx }) => ({ active: await hasSecondFactor(ctx.db, ctx.viewer.personId) })),

  beginSecondFactor: signedIn
    .input(proofSchema)
    .output(z.object({ secret: z.string(), uri: z.string() }))
    .mutation(async ({ ctx, input }) => {
      const { personId, email } = ctx.viewer;
      await provePassword(ctx.db, { ...input, personId });
      return beginSecondFactor(ctx.db, ctx.actor, { personId, email });
    }),

  addSecondFactor: signedIn
    .input(z.object({ code: codeSchema }))
    .mutation(({ ctx, input }) =>
      confirmSecondFactor(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  removeSecondFactor: signedIn.input(proofSchema).mutation(async ({ ctx, input }) => {
    const { personId } = ctx.viewer;
    await provePassword(ctx.db, { ...input, personId });
    await removeSecondFactor(ctx.db, ctx.actor, { personId });
  }),

  setPassword: signedIn
    .meta({
      rest: {
        method: "PUT",
        path: "/me/password",
        summary: "Set your password; ends all your sessions",
        secret: true,
      },
    })
    .input(proofSchema.partial().extend({ password: passwordSchema }))
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
      rest: {
        method: "POST",
        path: "/people",
        summary: "Invite somebody; answers with their sign-in link",
        secret: true,
      },
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
        secret: true,
      },
    })
    .input(byId)
    .output(signInLinkSchema)
    .mutation(({ ctx, input }) => renewLink(ctx.db, ctx.actor, input)),

  createEmailLink: admin
    .meta({
      rest: {
        method: "POST",
        path: "/people/{personId}/email-link",
        summary: "Make the link that proves the address somebody asked for; send it to that address",
        secret: true,
      },
    })
    .input(byId)
    .output(z.object({ path: z.string(), email: z.string(), expiresAt: z.date() }))
    .mutation(({ ctx, input }) => createEmailLink(ctx.db, ctx.actor, input)),

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

export const sessionRouter = router({
  list: signedIn
    .meta({ rest: { method: "GET", path: "/me/sessions", summary: "Your sessions, the last used first" } })
    .output(z.array(sessionSchema))
    .query(({ ctx }) =>
      listSessions(ctx.db, { personId: ctx.viewer.personId, sessionId: ctx.viewer.sessionId ?? null }),
    ),

  end: signedIn
    .meta({
      rest: { method: "DELETE", path: "/me/sessions/{sessionId}", summary: "End one of your sessions" },
    })
    .input(z.object({ sessionId: z.uuid() }))
    .mutation(({ ctx, input }) => endSession(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),
});
