import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { judgement, ratingQuestion } from "../questions";
import type { ImportRecord } from "../schema";
import { idSchema } from "./fields";
import { columnsOf, defineShape, otherColumns } from "./shape";

interface MarkedError {
  rater: string;
  category: string;
  severity: string;
  /** What the rater marked, and where the mark stood (source or target). */
  span?: string;
}
interface Translation {
  text: string;
  errors: MarkedError[];
  /** What rows tell in columns of their own, with whose row it was. */
  notes: Record<string, unknown>[];
  raters: Set<string>;
}
interface Segment {
  id: string;
  doc: string;
  docSegId?: string;
  source: string;
  targets: Map<string, Translation>;
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

const markRow = z.looseObject({
  system: z.string(),
  doc: z.string(),
  docSegId: idSchema.optional(),
  globalSegId: z.string(),
  rater: z.string(),
  source: z.string(),
  target: z.string(),
  category: z.string(),
  severity: z.string(),
});
const columns = columnsOf(markRow);

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
  row: markRow,
  open: () => {
    const segments = new Map<string, Segment>();
    return {
      row(row) {
        const { system, doc, docSegId, globalSegId, rater, source, target, category, severity } = row;
        const segment: Segment = segments.get(globalSegId) ?? {
          id: globalSegId,
          doc,
          docSegId,
          source: withoutMark(source),
          targets: new Map(),
        };
        segments.set(globalSegId, segment);
        const translation = segment.targets.get(system) ?? {
          text: withoutMark(target),
          errors: [],
          notes: [],
          raters: new Set(),
        };
        segment.targets.set(system, translation);
        translation.raters.add(rater);
        if (severity !== "No-error" && severity !== "HOTW-test")
          translation.errors.push({ rater, category, severity, span: markOf(target) ?? markOf(source) });
        const note = otherColumns(row, columns);
        if (Object.keys(note).length > 0) translation.notes.push({ ...note, rater });
        return [];
      },
      end: () => [...segments.values()].map(toRecord),
    };
  },
});

function toRecord({ id, doc, docSegId, source, targets }: Segment): ImportRecord {
  const translations = [...targets.values()];
  const raters = [...new Set(translations.flatMap((translation) => [...translation.raters]))];
  const [from, to] = doc.split(":").at(-1)?.split("-") ?? [];
  return {
    prompt: toPrompt([userTurn(source)], {
      externalId: id,
      source: doc,
      metadata: { task: "translation", from, to, docSegId },
    }),
    responses: [...targets].map(([system, { text, errors, notes }]) => ({
      content: text,
      source: system,
      metadata: { errors, ...(notes.length > 0 ? { notes } : {}) },
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
