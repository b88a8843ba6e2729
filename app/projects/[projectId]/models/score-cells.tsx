import { Td } from "@/app/components/ui/table";
import type { BenchmarkFigure } from "@/db/shape/benchmark";
import { sameScore, scoreName, scoreText } from "./benchmark-text";

/** A row's own figures under those that its table has as columns. */
export function ScoreCells({
  columns,
  figures,
}: {
  columns: readonly BenchmarkFigure[];
  figures: readonly BenchmarkFigure[];
}) {
  return columns.map((column) => {
    const own = figures.find(sameScore(column));
    return (
      <Td key={scoreName(column)} numeric>
        {own ? scoreText(own) : "—"}
      </Td>
    );
  });
}
