import { z } from "zod";
import { toMessages, toPrompt } from "../conversation";
import { RowRefused } from "../problems";
import { fileLabel, judgement, ranked } from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { listOf } from "./spelling";

const texts = listOf(z.string()).pipe(z.array(z.string()).min(1));
const columns = new Set(["id", "prompt", "chosen", "rejected", "models", "subset"]);

/** RewardBench 2: the correct replies all rank first, the wrong ones share the place after them. */
export const rewardBench2 = defineShape({
  id: "reward_bench_2",
  title: "Correct and wrong replies (RewardBench 2)",
  looksLike: "prompt, and chosen and rejected as lists of texts",
  example: {
    prompt: "How many moons has Mars?",
    chosen: ["Two."],
    rejected: ["One.", "Three."],
    models: ["model-a", "model-b", "model-c"],
  },
  fields: ["prompt", "chosen", "rejected"],
  when: (row) => texts.safeParse(row.chosen).success && texts.safeParse(row.rejected).success,
  row: z.looseObject({
    id: idSchema.nullish(),
    prompt: z.unknown(),
    chosen: texts,
    rejected: texts,
    models: listOf(z.string()).nullish(),
    subset: z.string().nullish(),
  }),
  open: eachRow((row) => {
    const replies = [...row.chosen, ...row.rejected];
    const { models } = row;
    if (models && models.length !== replies.length)
      throw new RowRefused({
        code: "wrong-type",
        field: "models",
        message: `There are ${replies.length} replies and ${models.length} models.`,
      });
    return [
      {
        prompt: toPrompt(toMessages(row.prompt, "prompt", "user"), {
          externalId: row.id ?? undefined,
          domain: row.subset ?? undefined,
          metadata: otherColumns(row, columns),
        }),
        responses: replies.map((content, index) => ({ content, source: models?.[index], metadata: {} })),
        judgements: [
          judgement(
            fileLabel,
            ranked(replies.map((_, index) => (index < row.chosen.length ? 1 : row.chosen.length + 1))),
          ),
        ],
      },
    ];
  }),
});
