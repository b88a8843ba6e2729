import { z } from "zod";
import { toMessages, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import { betterOrNone, fileLabel, judgement, rationaleQuestion, written } from "../questions";
import type { RowValue } from "../source/row";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";
import { judgeNamed, moment, outcomeNamed, requireOutcome, unpacked } from "./spelling";

type Two<T> = readonly [first: T, second: T];

/** How files name two sides, the first before the second. */
const sides: readonly Two<string>[] = [
  ["a", "b"],
  ["A", "B"],
  ["1", "2"],
  ["0", "1"],
  ["left", "right"],
];
const replyNames = [
  "response",
  "answer",
  "completion",
  "output",
  "reply",
  "generation",
  "candidate",
  "summary",
];
const sourceNames = ["model", "source", "generator"];
const verdictNames = [
  "winner",
  "preference",
  "preferred",
  "better",
  "choice",
  "verdict",
  "vote",
  "label",
  "selected",
];
const raterNames = [
  "rater",
  "annotator",
  "rater_id",
  "annotator_id",
  "worker_id",
  "judge",
  "user_id",
  "evaluator",
];
const reasonNames = ["rationale", "reason", "explanation", "justification"];
const timeNames = ["timestamp", "tstamp", "created_at", "submitted_at", "annotated_at"];

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "";
const firstGiven = (row: RowValue, names: readonly string[]) => names.find((name) => isGiven(row[name]));

/** `response_a`, `responseA` and `a_response` for each side. */
function columnsOf(
  row: RowValue,
  names: readonly string[],
  [first, second]: Two<string>,
): Two<string> | null {
  for (const name of names)
    for (const written of [
      [`${name}_${first}`, `${name}_${second}`],
      [`${name}${first}`, `${name}${second}`],
      [`${first}_${name}`, `${second}_${name}`],
    ] as const)
      if (written.every((column) => isGiven(row[column]))) return written;
  return null;
}

interface Layout {
  replies: Two<string>;
  sources: Two<string> | null;
  /** Whatever a verdict may call either side. */
  names: Two<string[]>;
}

function layoutOf(row: RowValue): Layout | null {
  for (const side of sides) {
    const replies = columnsOf(row, replyNames, side);
    if (!replies) continue;
    const sources = columnsOf(row, sourceNames, side);
    const namesOf = (index: 0 | 1) => [
      side[index],
      replies[index],
      `response_${side[index]}`,
      `model_${side[index]}`,
      `model_${index === 0 ? "a" : "b"}`,
      ...(sources ? [String(row[sources[index]])] : []),
    ];
    return { replies, sources, names: [namesOf(0), namesOf(1)] };
  }
  return null;
}

const idColumns = ["id", "question_id", "prompt_id", "item_id"];

/** Two replies in columns of their own and a verdict that names one: what teams keep in tables, and PPE. */
export const sideBySide = defineShape({
  id: "side_by_side",
  title: "Two responses and a verdict",
  looksLike:
    "a prompt, two columns such as response_a and response_b, and a winner, preference or choice that names one of them",
  example: {
    prompt: "How many moons has Mars?",
    response_a: "Two.",
    response_b: "One.",
    winner: "a",
    rater: "u1",
  },
  fields: [],
  when: (row) => {
    const layout = hasPrompt(row) ? layoutOf(row) : null;
    const verdict = firstGiven(row, verdictNames);
    return Boolean(layout && verdict && outcomeNamed(row[verdict], layout.names));
  },
  row: z.looseObject(promptFields),
  open: eachRow((row, context) => {
    const layout = layoutOf(row);
    if (!layout)
      throw new RowRefused({
        code: "no-reply",
        field: "response",
        message: "The row has not two responses.",
      });
    const verdict = firstGiven(row, verdictNames);
    const rater = firstGiven(row, raterNames);
    const reason = firstGiven(row, reasonNames);
    const time = timeNames.find((name) => moment(row[name]) !== undefined);
    const id = firstGiven(row, idColumns);
    if (!verdict)
      context.warn({
        code: "no-verdict",
        message: "The row says of neither response that it is better; both were imported without a verdict.",
      });
    const used = [...layout.replies, ...(layout.sources ?? []), verdict, rater, reason, time, id];
    const prompt = describePrompt(
      promptMessages(row),
      row,
      used.filter((column) => column !== undefined),
    );
    if (id) prompt.externalId = String(row[id]);
    return [
      {
        prompt,
        responses: ([0, 1] as const).map((index) => {
          const column = layout.replies[index];
          return toResponse(toMessages(unpacked(row[column]), column, "assistant"), {
            source: layout.sources && String(row[layout.sources[index]]),
          });
        }),
        judgements: verdict
          ? [
              {
                ...judgement(
                  rater ? judgeNamed(String(row[rater])) : fileLabel,
                  betterOrNone(requireOutcome(verdict, row[verdict], layout.names)),
                  ...(reason ? [written(rationaleQuestion, String(row[reason]))] : []),
                ),
                at: time ? moment(row[time]) : undefined,
              },
            ]
          : [],
      },
    ];
  }),
});
