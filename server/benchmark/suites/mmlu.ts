import { InputError } from "../../statistics/estimate";
import type { Document } from "../document";
import { has } from "./fields";
import type { Suite } from "./suite";

const letters = ["A", "B", "C", "D"];

/** Hendrycks et al., ICLR 2021. CSV without header: question, four choices, letter; or rows with question, choices, answer. */
export const mmlu: Suite = {
  title: "MMLU: knowledge of 57 subjects, four choices (arXiv 2009.03300)",
  from: "hendrycks/test on GitHub (data.tar): test/…_test.csv; shots from dev/…_dev.csv; or cais/mmlu on the Hub",
  shape: {
    fits: (row) => has(row, "question", "answer") && Array.isArray(row.choices) && row.choices.length === 4,
  },
  task: {
    output_type: "multiple_choice",
    test_split: "test",
    fewshot_split: "dev",
    fewshot_config: { sampler: "first_n" },
    doc_to_text:
      "{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:",
    doc_to_choice: letters,
    doc_to_target: "answer",
    metric_list: [{ metric: "acc" }],
  },
};

/** The rows of MMLU's own files, which name no columns; null for any other table. */
export function mmluTable(cells: readonly (readonly string[])[], file: string): Document[] | null {
  const isRow = (row: readonly string[]) => row.length === 6 && letters.includes(row[5]);
  if (!isRow(cells[0] ?? [])) return null;
  const subject = /([a-z0-9_]+?)_(?:dev|val|test)\.csv/.exec(file)?.[1];
  return cells.map((row, index) => {
    if (!isRow(row))
      throw new InputError(
        `${file}, row ${index + 1}: as its first row, this file's rows are question, four choices and a letter A to D; this one has ${row.length} cells and ends in ${JSON.stringify(row.at(-1) ?? "")}.`,
      );
    const [question, ...rest] = row;
    return {
      question,
      ...(subject !== undefined && { subject }),
      choices: rest.slice(0, 4),
      answer: letters.indexOf(row[5]),
    };
  });
}
