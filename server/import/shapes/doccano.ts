import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { demonstrationQuestion, fileLabel, judgement, written } from "../questions";
import type { RowValue } from "../source/row";
import { idSchema } from "./fields";
import { defineShape, otherColumns, parseRow } from "./shape";
import { listOf } from "./spelling";
import { studied } from "./study";

const labels = listOf(z.union([z.string(), z.array(z.unknown())]));
const row = z.looseObject({
  id: idSchema.nullish(),
  text: z.string(),
  label: labels,
});
const columns = new Set(["id", "text", "label"]);
const ownColumns = ["Comments", "label"];

/** doccano's exports: a text, and the labels or the written texts that people gave it. */
export const doccano = defineShape({
  id: "doccano",
  title: "doccano",
  looksLike: "text and label, a list of labels or of written texts",
  example: { id: 1, text: "How many moons has Mars?", label: ["Two."] },
  fields: ["text", "label"],
  when: (value) => row.safeParse(value).success && ownColumns.some((name) => Object.hasOwn(value, name)),
  row,
  open: (context) => {
    const isClasses = areClasses(context.sample);
    const classes = studied((value) => {
      const { prompt, given } = textOf(value);
      return {
        prompt,
        responses: [],
        opinions: [{ rater: fileLabel, said: { label: { type: "options", per: "task", values: [given] } } }],
      };
    })(context);
    return {
      row(value) {
        if (isClasses) return classes.row(value);
        const { prompt, given } = textOf(value);
        return [
          {
            prompt,
            responses: [],
            judgements: given.map((text) => judgement(fileLabel, written(demonstrationQuestion, text))),
          },
        ];
      },
    };
  },
});

/** Classes return from row to row; texts that somebody wrote hardly do. */
function areClasses(sample: readonly RowValue[]): boolean {
  const given = sample.flatMap((value) => row.safeParse(value).data?.label ?? []);
  return new Set(given.map(String)).size * 2 <= given.length;
}

function textOf(value: RowValue) {
  const { id, text, label } = parseRow(row, value);
  const given = label.map((entry, index) => {
    if (typeof entry === "string") return entry;
    throw new RowRefused({
      code: "wrong-type",
      field: `label[${index}]`,
      message: "label has spans of the text. Import the texts without them: no question here asks for spans.",
    });
  });
  const prompt = toPrompt([userTurn(text)], {
    externalId: id ?? undefined,
    metadata: otherColumns(value, columns),
  });
  return { prompt, given };
}
