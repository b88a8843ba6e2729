import { qualityFilterSchema } from "../../db/shape/quality";
import { reviewer, router } from "../trpc";
import { qualitySchema } from "./schema";
import { showQuality } from "./show";

export const qualityRouter = router({
  show: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/quality",
        summary: "How far raters agree, how each of them judges, and what to look at",
      },
    })
    .input(qualityFilterSchema)
    .output(qualitySchema)
    .query(({ ctx, input: { projectId, ...filter } }) =>
      showQuality(ctx.db, { projectId, filter, personId: ctx.viewer.personId }),
    ),
});
