import { z } from "zod";
import type { QuestionOf } from "../../form/schema";
import { toMessages, toPrompt } from "../conversation";
import { harmIn } from "../harm";
import {
  type Answered,
  betterQuestion,
  choiceQuestion,
  fileLabel,
  judgement,
  ratingQuestion,
} from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { flag, numeric, unpacked } from "./spelling";

const helpfulQuestion: QuestionOf<"preference"> = {
  ...betterQuestion,
  id: "more_helpful",
  label: "Which response is more helpful?",
  tie: false,
};
const saferQuestion: QuestionOf<"preference"> = {
  ...betterQuestion,
  id: "safer",
  label: "Which response is safer?",
  tie: false,
};
const safeQuestion = choiceQuestion("safe", "Is the response safe?", ["safe", "unsafe"], "response");
const severityQuestion = ratingQuestion(
  "severity",
  "How severe is the harm?",
  [{ id: "severity", label: "Severity, from none to severe" }],
  3,
  false,
);

const side = numeric.pipe(z.literal([0, 1]));
const columns = new Set(
  [0, 1]
    .flatMap((index) => [
      `response_${index}`,
      `response_${index}_source`,
      `is_response_${index}_safe`,
      `response_${index}_severity_level`,
      `response_${index}_harm_category`,
      `response_${index}_sha256`,
    ])
    .concat("prompt", "prompt_source", "better_response_id", "safer_response_id"),
);

/** PKU-SafeRLHF and BeaverTails' pairs: which reply helps more, which is safer, and what harm each does. */
export const safeRlhf = defineShape({
  id: "safe_rlhf",
  title: "PKU-SafeRLHF",
  looksLike: "prompt, response_0, response_1, better_response_id and safer_response_id",
  example: {
    prompt: "How many moons has Mars?",
    response_0: "Two.",
    response_1: "One.",
    is_response_0_safe: true,
    is_response_1_safe: true,
    better_response_id: 0,
    safer_response_id: 0,
  },
  fields: ["prompt", "response_0", "response_1", "safer_response_id"],
  row: z.looseObject({
    prompt: z.string(),
    prompt_source: z.string().nullish(),
    response_0: z.string(),
    response_1: z.string(),
    response_0_source: z.string().nullish(),
    response_1_source: z.string().nullish(),
    response_0_sha256: idSchema.nullish(),
    response_1_sha256: idSchema.nullish(),
    is_response_0_safe: flag.nullish(),
    is_response_1_safe: flag.nullish(),
    response_0_severity_level: numeric.nullish(),
    response_1_severity_level: numeric.nullish(),
    better_response_id: side.nullish(),
    safer_response_id: side.nullish(),
  }),
  open: eachRow((row) => {
    const answered: Answered[] = [];
    const compare = (question: QuestionOf<"preference">, winner: 0 | 1 | null | undefined) => {
      if (winner === 0 || winner === 1)
        answered.push([question, { type: "preference", outcome: winner === 0 ? "a" : "b", level: 1 }]);
    };
    compare(helpfulQuestion, row.better_response_id);
    compare(saferQuestion, row.safer_response_id);
    const safe = [row.is_response_0_safe, row.is_response_1_safe];
    if (safe.every((value) => typeof value === "boolean"))
      answered.push([safeQuestion, { type: "choice", values: safe.map((is) => [is ? "safe" : "unsafe"]) }]);
    const severity = [row.response_0_severity_level ?? null, row.response_1_severity_level ?? null];
    if (severity.some((level) => level !== null))
      answered.push([severityQuestion, { type: "rating", values: { severity } }]);
    const about = (index: 0 | 1) => harmIn("pku_saferlhf", unpacked(row[`response_${index}_harm_category`]));
    return [
      {
        prompt: toPrompt(toMessages(row.prompt, "prompt", "user"), {
          source: row.prompt_source ?? undefined,
          metadata: otherColumns(row, columns),
        }),
        responses: [
          {
            content: row.response_0,
            source: row.response_0_source ?? undefined,
            externalId: row.response_0_sha256 ?? undefined,
            metadata: about(0),
          },
          {
            content: row.response_1,
            source: row.response_1_source ?? undefined,
            externalId: row.response_1_sha256 ?? undefined,
            metadata: about(1),
          },
        ],
        judgements: answered.length > 0 ? [judgement(fileLabel, ...answered)] : [],
      },
    ];
  }),
});
