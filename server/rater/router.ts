import { z } from "zod";
import { manager, reviewer, router } from "../trpc";
import { addNote, listNotes } from "./notes";
import { listRaters, setSkills } from "./rater";
import { raterNoteSchema, raterSchema, skillsSchema } from "./schema";

export const raterRouter = router({
  list: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/raters", summary: "Who judges or has judged" },
    })
    .output(z.array(raterSchema))
    .query(({ ctx }) => listRaters(ctx.db, ctx.projectId)),

  setSkills: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/raters/{raterId}/skills",
        summary: "Say which languages and domains a rater knows; prompts are given out accordingly",
      },
    })
    .input(skillsSchema.extend({ raterId: z.uuid() }))
    .mutation(({ ctx, input }) => setSkills(ctx.db, ctx.actor, input)),

  notes: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/raters/{raterId}/notes",
        summary: "What managers and reviewers noted about a rater",
      },
    })
    .input(z.object({ raterId: z.uuid() }))
    .output(z.array(raterNoteSchema))
    .query(({ ctx, input }) => listNotes(ctx.db, input)),

  addNote: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/raters/{raterId}/notes",
        summary: "Note something about a rater, which the rater does not read",
      },
    })
    .input(z.object({ raterId: z.uuid(), text: z.string().trim().min(1, "Write the note.").max(4000) }))
    .mutation(({ ctx, input }) => addNote(ctx.db, ctx.actor, input)),
});
