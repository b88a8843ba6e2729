import { plainNumbers } from "../../../db/shape/written-json";
import type { Document } from "../document";
import { strip } from "../python/space";
import { has, listField, textField } from "./fields";
import type { Suite } from "./suite";

/** Without what WikiHow left in brackets. */
const cleaned = (text: string) =>
  strip(text)
    .replaceAll(" [title]", ". ")
    .replace(/\[[^\n]*?\]/g, "")
    .replaceAll("  ", " ");

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

function documents(row: Document, place: string): Document[] {
  const [before, after] = [textField(row, "ctx_a", place), textField(row, "ctx_b", place)];
  const query = `${textField(row, "activity_label", place)}: ${before} ${capitalized(after)}`;
  return [
    {
      ...row,
      query: cleaned(query),
      choices: listField(row, "endings", place).map((ending) => cleaned(String(ending))),
      gold: Number(plainNumbers(row.label)),
    },
  ];
}

/** Zellers et al., ACL 2019. */
export const hellaswag: Suite = {
  title: "HellaSwag: how a description goes on, four endings (arXiv 1905.07830)",
  from: "rowanz/hellaswag on GitHub: hellaswag_val.jsonl",
  shape: { fits: (row) => has(row, "ctx_a", "ctx_b", "activity_label", "endings"), documents },
  task: {
    output_type: "multiple_choice",
    doc_to_text: "{{query}}",
    doc_to_target: "{{label}}",
    doc_to_choice: "choices",
    metric_list: [{ metric: "acc" }, { metric: "acc_norm" }],
  },
};
