import { expect, test } from "vitest";
import { aggregated, aggregationOf, textItem } from "@/server/benchmark/metrics";

/** What sacrebleu 2.5.1's corpus_bleu and corpus_chrf give; on 60 more corpora of odd texts they were held against it by hand. */
const said = ["The boats came back before noon, didn't they?", "It rained for 3.5 hours.", "No", "é"];
const meant = ["The boats were back before noon, weren't they?", "It rained for three hours.", "No.", "è"];

test.each([
  ["bleu", 30.712268889389133],
  ["chrf", 64.63936029540824],
])("%s is sacrebleu's", (metric, expected) => {
  const score = textItem([{ metric }]);
  const values = said.map((answer, index) => score(answer, meant[index])[metric]);
  const { value, stderr } = aggregated(values, aggregationOf({ metric }), 100_000);
  expect(value).toBeCloseTo(expected, 8);
  expect(stderr).toBeGreaterThan(0);
});
