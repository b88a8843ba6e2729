import { z } from "zod";
import { parseTranscript, toMessages, toPrompt } from "../conversation";
import { fileLabel, judgement, ranked, ranksByScore } from "../questions";
import { defineShape, eachRow, otherColumns } from "./shape";
import { listOf, numeric } from "./spelling";

const columns = new Set(["prompt", "answers"]);

/** Nectar: up to seven answers of different models, ranked with 1 the best. */
export const nectar = defineShape({
  id: "nectar",
  title: "Ranked answers (Nectar)",
  looksLike: "prompt and answers, a list of {answer, model, rank}",
  example: {
    prompt: "\n\nHuman: How many moons has Mars?\n\nAssistant: ",
    answers: [
      { answer: "Two.", model: "model-a", rank: 1 },
      { answer: "One.", model: "model-b", rank: 2 },
    ],
  },
  fields: ["prompt", "answers"],
  when: (row) => answers.safeParse(row.answers).success,
  row: z.looseObject({ prompt: z.unknown(), answers: z.lazy(() => answers) }),
  open: eachRow((row) => {
    const transcript = typeof row.prompt === "string" && /^\s*Human:/.test(row.prompt);
    const messages = transcript
      ? parseTranscript(`\n\n${String(row.prompt).trimStart()}`, "prompt")
      : toMessages(row.prompt, "prompt", "user");
    const last = messages.at(-1);
    const rest = otherColumns(row, columns);
    const { source, ...metadata } = rest;
    const places = row.answers.map(({ rank }) => rank);
    return [
      {
        prompt: toPrompt(
          // A transcript ends where the answer begins: with an assistant who has said nothing yet.
          transcript && last?.role === "assistant" && last.content.trim() === ""
            ? messages.slice(0, -1)
            : messages,
          {
            source: Array.isArray(source)
              ? source.join(", ")
              : typeof source === "string"
                ? source
                : undefined,
            metadata,
          },
        ),
        responses: row.answers.map(({ answer, model, rank: _, ...rest }) => ({
          content: answer,
          source: model ?? undefined,
          metadata: rest,
        })),
        judgements:
          places.length > 1
            ? [judgement(fileLabel, ranked(ranksByScore(places.map((place) => -place))))]
            : [],
      },
    ];
  }),
});

const answers = listOf(
  z.looseObject({ answer: z.string(), model: z.string().nullish(), rank: numeric }),
).pipe(z.array(z.looseObject({ answer: z.string(), model: z.string().nullish(), rank: z.number() })).min(1));
