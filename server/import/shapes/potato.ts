import { z } from "zod";
import { isRecord, type RowValue } from "../source/row";
import { ranksNamed } from "./alternatives";
import { idSchema } from "./fields";
import { defineShape, otherColumns, parseRow, type ShapeContext } from "./shape";
import { outcomeNamed } from "./spelling";
import { type Said, type StudyTask, studied } from "./study";

const row = z.looseObject({
  instance_id: idSchema,
  user_id: idSchema,
  labels: z.record(z.string(), z.looseObject({})),
});
const columns = new Set(Object.keys(row.shape));

/** Potato's exported annotations; the tasks they name are in the data file of the study. */
export const potato = defineShape({
  id: "potato",
  title: "Potato annotations",
  looksLike: "instance_id, user_id and labels, with the study's data file in the same import",
  refers: true,
  example: { instance_id: "p1", user_id: "u1", labels: { better: { selection: "A" } } },
  fields: ["instance_id", "user_id", "labels"],
  when: (value) => row.safeParse(value).success,
  row: z.looseObject({}),
  open: (context) => studied((value) => toTask(value, context))(context),
});

const scheme = /^(.+)\.([^.]+)$/;

/** The same as a table: a column for each scheme and label. */
export const potatoTable = defineShape({
  id: "potato_table",
  title: "Potato annotations (CSV, TSV)",
  looksLike:
    "instance_id, user_id and columns such as better.selection, with the study's data file in the same import",
  refers: true,
  example: { instance_id: "p1", user_id: "u1", "better.selection": "A" },
  fields: ["instance_id", "user_id"],
  when: (value) => Object.keys(value).some((name) => scheme.test(name)),
  row: z.looseObject({}),
  open: (context) => studied((value) => toTask(nested(value), context))(context),
});

function nested(value: RowValue): RowValue {
  const rest: RowValue = {};
  const labels: Record<string, RowValue> = {};
  for (const [column, cell] of Object.entries(value)) {
    const [, name, label] = scheme.exec(column) ?? [];
    if (name === undefined || label === undefined) rest[column] = cell;
    else if (cell !== "" && cell !== null) labels[name] = { ...labels[name], [label]: cell };
  }
  return { ...rest, labels };
}

function toTask(value: RowValue, { session }: ShapeContext): StudyTask {
  const { instance_id, user_id, labels } = parseRow(row, value);
  const { prompt, responses } = session.named(instance_id, "instance_id");
  const names = responses.map(({ externalId }, index) => [
    String.fromCharCode(65 + index),
    String(index + 1),
    ...(externalId ? [externalId] : []),
  ]);
  const said = Object.fromEntries(
    Object.entries(labels).map(([name, given]) => [name, saidBy(given, names)]),
  );
  // Spans and links are kept where there are any.
  const told = Object.entries(otherColumns(value, columns)).filter(
    ([, part]) => !isRecord(part) || Object.keys(part).length > 0,
  );
  return {
    prompt: { ...prompt, metadata: { ...prompt.metadata, ...Object.fromEntries(told) } },
    responses,
    opinions: [{ rater: { id: user_id, kind: "person" }, said }],
  };
}

/** One scheme's answer: `{selection}`, `{scale_value}`, `{rank_order}`, `{text_box}`, or the chosen labels as keys. */
function saidBy(given: RowValue, names: string[][]): Said {
  const { selection, scale_value, rank_order, text_box } = given;
  if (selection !== undefined) {
    const [first = [], second = []] = names;
    const outcome = names.length === 2 ? outcomeNamed(selection, [first, second]) : null;
    return outcome ? { type: "comparison", outcome } : { type: "words", text: String(selection) };
  }
  if (scale_value !== undefined) {
    const strength = Number(scale_value);
    const isLeaning = names.length === 2 && Number.isInteger(strength) && Math.abs(strength) <= 3;
    return isLeaning ? { type: "leaning", strength } : { type: "words", text: String(scale_value) };
  }
  if (typeof rank_order === "string") {
    const ranks = ranksNamed(
      rank_order.split(",").map((name) => name.trim()),
      names,
    );
    return ranks ? { type: "order", ranks } : { type: "words", text: rank_order };
  }
  if (typeof text_box === "string") return { type: "words", text: text_box };
  const chosen = Object.keys(given);
  const [only] = Object.values(given);
  const number = chosen.length === 1 && only !== "" && typeof only !== "boolean" ? Number(only) : Number.NaN;
  if (Number.isFinite(number)) return { type: "numbers", per: "task", values: [number] };
  return { type: "options", per: "task", values: [chosen] };
}
