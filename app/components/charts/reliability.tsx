import { FigureName } from "@/app/components/figure";
import { percent } from "@/app/components/units";
import type { FigureId } from "@/server/figure/schema";

interface Bin {
  /** Mean confidence, ½ to 1. */
  confidence: number;
  right: { estimate: number | null; low: number | null; high: number | null };
  items: number;
}

const SIZE = 400;
const [LEFT, TOP, BOTTOM] = [56, 10, 38];
const PLOT = SIZE - LEFT - 8;
const BASE = TOP + PLOT;

/** How sure a judge is against how often people bear it out, bin by bin with 95 % intervals; on the diagonal it is calibrated. */
export function ReliabilityPlot({
  title,
  figure,
  bins,
}: {
  title: string;
  figure: FigureId;
  bins: readonly Bin[];
}) {
  const x = (confidence: number) => LEFT + 2 * (confidence - 0.5) * PLOT;
  const y = (share: number) => BASE - share * PLOT;
  const most = Math.max(1, ...bins.map(({ items }) => items));
  return (
    <figure className="flex max-w-md flex-col gap-1">
      <figcaption className="text-sm font-medium">
        <FigureName id={figure}>{title}</FigureName>
      </figcaption>
      <svg viewBox={`0 0 ${SIZE} ${BASE + BOTTOM}`} aria-hidden="true" className="w-full text-muted">
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={LEFT + PLOT} y1={y(share)} y2={y(share)} className="stroke-line" />
            <text x={LEFT - 5} y={y(share) + 3} textAnchor="end" fontSize="11" fill="currentColor">
              {100 * share} %
            </text>
          </g>
        ))}
        {[0.5, 0.75, 1].map((confidence) => (
          <text
            key={confidence}
            x={x(confidence)}
            y={BASE + 15}
            textAnchor={confidence === 1 ? "end" : "middle"}
            fontSize="11"
            fill="currentColor"
          >
            {100 * confidence} %
          </text>
        ))}
        <line x1={x(0.5)} y1={y(0.5)} x2={x(1)} y2={y(1)} stroke="currentColor" strokeDasharray="4 3" />
        {bins.map(({ confidence, right, items }) =>
          right.estimate === null ? null : (
            <g key={confidence} className="text-accent">
              <title>{`${percent(confidence, 1)} sure, right in ${percent(right.estimate, 1)}, ${items} comparisons`}</title>
              {right.low !== null && right.high !== null && (
                <line
                  x1={x(confidence)}
                  x2={x(confidence)}
                  y1={y(right.low)}
                  y2={y(right.high)}
                  stroke="currentColor"
                  strokeWidth="1.5"
                />
              )}
              <circle
                cx={x(confidence)}
                cy={y(right.estimate)}
                r={3 + 3 * Math.sqrt(items / most)}
                fill="currentColor"
              />
            </g>
          ),
        )}
        <text x={LEFT + PLOT / 2} y={BASE + 33} textAnchor="middle" fontSize="11" fill="currentColor">
          confidence of the judge
        </text>
        <text
          transform={`translate(11 ${TOP + PLOT / 2}) rotate(-90)`}
          textAnchor="middle"
          fontSize="11"
          fill="currentColor"
        >
          people’s votes for its choice
        </text>
      </svg>
      <p className="text-xs text-muted">On the dashed line it is right as often as it is sure.</p>
      <table className="sr-only">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Confidence</th>
            <th scope="col">Right</th>
            <th scope="col">95 % interval</th>
            <th scope="col">Comparisons</th>
          </tr>
        </thead>
        <tbody>
          {bins.map(({ confidence, right, items }) => (
            <tr key={confidence}>
              <th scope="row">{percent(confidence, 1)}</th>
              <td>{right.estimate === null ? "—" : percent(right.estimate, 1)}</td>
              <td>
                {right.low === null || right.high === null
                  ? "none"
                  : `${percent(right.low, 1)} to ${percent(right.high, 1)}`}
              </td>
              <td>{items}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
