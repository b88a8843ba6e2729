import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { better, fileLabel, judgement, rationaleQuestion, written } from "../questions";
import type { ImportRecord } from "../schema";
import { columnsOf, defineShape, otherColumns, perImport, type ShapeContext } from "./shape";

const argument = z.looseObject({
  arg_id: z.string(),
  topic: z.string(),
  stance: z.string(),
  text: z.string(),
});
const pair = z.looseObject({
  pair_id: z.string(),
  debate: z.string(),
  topic: z.string(),
  a1: z.string(),
  a2: z.string(),
  gold: z.enum(["a1", "a2", "equal"]).nullish(),
});

const argumentColumns = columnsOf(argument);
const pairColumns = columnsOf(pair);

const known = perImport(() => ({
  arguments: new Map<string, z.output<typeof argument>>(),
  pairs: new Map<string, z.output<typeof pair>>(),
}));

const outcomes = { a1: "a", a2: "b", equal: "tie" } as const;

export const ukpArguments = defineShape({
  id: "ukpconvarg_arguments",
  title: "UKPConvArg arguments",
  looksLike: "arg_id, topic, stance and text",
  companion: true,
  example: { arg_id: "a1", topic: "space", stance: "Yes", text: "Mars is near." },
  fields: ["arg_id", "stance", "text"],
  row: argument,
  open: ({ session }) => ({
    row(row) {
      known(session).arguments.set(row.arg_id, row);
      return [];
    },
  }),
});

/** The pairs, with the gold label that MACE estimated from the workers where there is one. */
export const ukpPairs = defineShape({
  id: "ukpconvarg_pairs",
  title: "UKPConvArg pairs",
  looksLike: "pair_id, a1, a2 and gold, with the arguments' texts in arguments.jsonl",
  companion: true,
  example: { pair_id: "p1", debate: "Fly to Mars?", topic: "space", a1: "a1", a2: "a2", gold: "a1" },
  fields: ["pair_id", "a1", "a2"],
  row: pair,
  open: (context) => ({
    row(row) {
      known(context.session).pairs.set(row.pair_id, row);
      const task = taskOf(row, context);
      return [{ ...task, judgements: row.gold ? [judgement(fileLabel, better(outcomes[row.gold]))] : [] }];
    },
  }),
});

/** One row for each worker and pair: `equal` is a tie, the reason a rationale. */
export const ukpAnnotations = defineShape({
  id: "ukpconvarg_annotations",
  title: "UKPConvArg annotations",
  looksLike: "pair_id, worker, value (a1, a2 or equal) and reason",
  example: { pair_id: "p1", worker: "w1", value: "a1", reason: "Clearer." },
  fields: ["pair_id", "worker", "value"],
  row: z.object({
    pair_id: z.string(),
    worker: z.string().min(1),
    value: z.enum(["a1", "a2", "equal"]),
    reason: z.string().default(""),
    submitted: z.string().optional(),
  }),
  open: (context) => ({
    row({ pair_id, worker, value, reason, submitted }) {
      const { pairs } = known(context.session);
      if (pairs.size === 0)
        throw companion("pair_id", "Annotations only name pairs; the pairs are in pairs.jsonl.");
      const shown = pairs.get(pair_id);
      if (!shown)
        throw new RowRefused({
          code: "missing-reference",
          field: "pair_id",
          message: `There is no pair ${pair_id}.`,
        });
      const answers = [
        better(outcomes[value]),
        ...(reason.trim() ? [written(rationaleQuestion, reason)] : []),
      ];
      const at = submitted ? new Date(submitted) : undefined;
      return [
        {
          ...taskOf(shown, context),
          judgements: [
            {
              ...judgement({ id: worker, kind: "person" }, ...answers),
              ...(at && !Number.isNaN(at.getTime()) ? { at } : {}),
            },
          ],
        },
      ];
    },
  }),
});

function taskOf(row: z.output<typeof pair>, context: ShapeContext): Omit<ImportRecord, "judgements"> {
  const { arguments: texts } = known(context.session);
  if (texts.size === 0)
    throw companion("a1", "Pairs only name arguments; their texts are in arguments.jsonl.");
  const response = (id: string) => {
    const found = texts.get(id);
    if (!found)
      throw new RowRefused({
        code: "missing-reference",
        field: "a1",
        message: `There is no argument ${id}.`,
      });
    const metadata = { ...otherColumns(found, argumentColumns), stance: found.stance };
    return { content: found.text, source: id, externalId: id, metadata };
  };
  const stance = texts.get(row.a1)?.stance;
  return {
    prompt: toPrompt([userTurn(stance ? `${row.debate}\n\n${stance}` : row.debate)], {
      domain: row.debate,
      source: "UKPConvArg",
      metadata: { ...otherColumns(row, pairColumns), topic: row.topic },
    }),
    responses: [response(row.a1), response(row.a2)],
  };
}

function companion(field: string, message: string): RowRefused {
  return new RowRefused({ code: "missing-companion", field, message });
}
