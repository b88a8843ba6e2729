import { z } from "zod";
import { admin, router } from "../trpc";
import { erasePerson, personErasure } from "./person";
import { erasePersonSchema, personErasureSchema } from "./schema";

const byPerson = z.object({ personId: z.uuid() });

export const erasureRouter = router({
  preview: admin
    .meta({
      rest: {
        method: "GET",
        path: "/people/{personId}/erasure",
        summary: "What erasing somebody would take, what would stay, and which versions and models hold it",
      },
    })
    .input(byPerson)
    .output(personErasureSchema)
    .query(({ ctx, input }) => personErasure(ctx.db, input.personId)),

  person: admin
    .meta({
      rest: {
        method: "POST",
        path: "/people/{personId}/erasure",
        summary: "Erase who somebody is; their judgements stay under a pseudonym",
        secret: true,
      },
    })
    .input(byPerson.extend(erasePersonSchema.shape))
    .mutation(({ ctx, input }) => erasePerson(ctx.db, ctx.actor, input)),
});
