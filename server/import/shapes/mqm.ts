import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { judgement, ratingQuestion } from "../questions";
import type { ImportRecord } from "../schema";
import { defineShape } from "./shape";

interface MarkedError {
  rater: string;
  category: string;
  severity: string;
  /** What the rater marked, and where the mark stood (source or target). */
  span?: string;
}
interface Segment {
  id: string;
  doc: string;
  source: string;
  targets: Map<string, { text: string; errors: MarkedError[]; raters: Set<string> }>;
}

/** Counts rather than an MQM score, because studies weigh the severities differently. */
const errorCounts = ratingQuestion(
  "mqm_errors",
  "Count the errors of each translation.",
  [
    { id: "major", label: "Major errors" },
    { id: "minor", label: "Minor errors" },
    { id: "punctuation", label: "Minor punctuation errors" },
  ],
  100,
  false,
);

/**
 * WMT's MQM tables: one row for each error a rater marked, or "No-error". The rows of a segment become one task with
 * all systems' translations; the marked spans stay in the metadata of the translation.
 */
export const wmtMqm = defineShape({
  id: "wmt_mqm",
  title: "WMT MQM annotations",
  looksLike: "system, globalSegId, rater, source, target, category and severity, one row for each error",
  example: {
    system: "system-a",
    doc: "d1",
    globalSegId: "1",
    rater: "rater1",
    source: "Zwei Monde.",
    target: "Two <v>moon</v>.",
    category: "Fluency/Grammar",
    severity: "Minor",
  },
  fields: ["system", "globalSegId", "rater", "source", "target", "category", "severity"],
  row: z.looseObject({
    system: z.string(),
    doc: z.string(),
    globalSegId: z.string(),
    rater: z.string(),
    source: z.string(),
    target: z.string(),
    category: z.string(),
    severity: z.string(),
  }),
  open: () => {
    const segments = new Map<string, Segment>();
    return {
      row({ system, doc, globalSegId, rater, source, target, category, severity }) {
        const segment = segments.get(globalSegId) ?? {
          id: globalSegId,
          doc,
          source: withoutMark(source),
          targets: new Map<string, { text: string; errors: MarkedError[]; raters: Set<string> }>(),
        };
        segments.set(globalSegId, segment);
        const translation = segment.targets.get(system) ?? {
          text: withoutMark(target),
          errors: [],
          raters: new Set(),
        };
        segment.targets.set(system, translation);
        translation.raters.add(rater);
        if (severity !== "No-error" && severity !== "HOTW-test")
          translation.errors.push({ rater, category, severity, span: markOf(target) ?? markOf(source) });
        return [];
      },
      end: () => [...segments.values()].map(toRecord),
    };
  },
});

function toRecord({ id, doc, source, targets }: Segment): ImportRecord {
  const translations = [...targets.values()];
  const raters = [...new Set(translations.flatMap((translation) => [...translation.raters]))];
  const [from, to] = doc.split(":").at(-1)?.split("-") ?? [];
  return {
    prompt: toPrompt([userTurn(source)], {
      externalId: id,
      source: doc,
      metadata: { task: "translation", from, to },
    }),
    responses: [...targets].map(([system, { text, errors }]) => ({
      content: text,
      source: system,
      metadata: { errors },
    })),
    judgements: raters.map((rater) => {
      const count = (holds: (error: MarkedError) => boolean) =>
        translations.map(({ errors, raters: seen }) =>
          seen.has(rater) ? errors.filter((error) => error.rater === rater && holds(error)).length : null,
        );
      const isPunctuation = (error: MarkedError) =>
        error.severity === "Minor" && error.category === "Fluency/Punctuation";
      const values = {
        major: count((error) => error.severity === "Major"),
        minor: count((error) => error.severity === "Minor" && !isPunctuation(error)),
        punctuation: count(isPunctuation),
      };
      return judgement({ id: rater, kind: "person" }, [errorCounts, { type: "rating", values }]);
    }),
  };
}

const withoutMark = (text: string) => text.replace(/<\/?v>/g, "");
const markOf = (text: string) => /<v>(.*?)<\/v>/s.exec(text)?.[1];
