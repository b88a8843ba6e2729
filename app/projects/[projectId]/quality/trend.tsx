import { FigureName } from "@/app/components/figure";
import { counted } from "@/app/components/units";
import type { ShownPart } from "@/server/quality/schema";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [480, 170, 34, 24, 8];

/** α by day or week with its intervals. The table behind it is there for those who cannot see the plot. */
export function Trend({ points }: { points: ShownPart["trend"] }) {
  const known = points.flatMap(({ estimate, low, high, ...rest }) =>
    estimate === null ? [] : [{ ...rest, estimate, low: low ?? estimate, high: high ?? estimate }],
  );
  const floor = Math.min(0, ...known.map(({ low }) => Math.max(-1, low)));
  const y = (value: number) => TOP + ((1 - Math.max(floor, value)) / (1 - floor)) * (HEIGHT - TOP - BOTTOM);
  const x = (from: string) => {
    const [first, last] = [points[0].from, points[points.length - 1].from].map(Date.parse);
    return LEFT + 8 + ((Date.parse(from) - first) / Math.max(1, last - first)) * (WIDTH - LEFT - 16);
  };
  const text = (value: number | null) => (value === null ? "—" : value.toFixed(2));
  return (
    <figure className="flex max-w-xl flex-col gap-1">
      <figcaption className="text-sm font-medium">
        <FigureName id="agreementTrend" />
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" className="w-full text-muted">
        {[...new Set([floor, 0, 0.667, 0.8, 1])].map((level) => (
          <g key={level}>
            <line x1={LEFT} x2={WIDTH} y1={y(level)} y2={y(level)} className="stroke-line" />
            <text x={LEFT - 6} y={y(level) + 3.5} textAnchor="end" fontSize="10" fill="currentColor">
              {Number(level.toFixed(2))}
            </text>
          </g>
        ))}
        <polyline
          points={known.map(({ from, estimate }) => `${x(from)},${y(estimate)}`).join(" ")}
          className="fill-none stroke-accent"
          strokeWidth="1.5"
        />
        {known.map(({ from, estimate, low, high, n }) => (
          <g key={from}>
            <line
              x1={x(from)}
              x2={x(from)}
              y1={y(low)}
              y2={y(high)}
              className="stroke-accent"
              opacity="0.45"
            />
            <circle
              cx={x(from)}
              cy={y(estimate)}
              r="2.5"
              className={`stroke-accent ${low < high ? "fill-accent" : "fill-canvas"}`}
            >
              <title>{`${from}: ${text(estimate)} ${low < high ? `[${text(low)}, ${text(high)}]` : "without an interval"}, ${counted(n, "prompt")}`}</title>
            </circle>
          </g>
        ))}
        {[points[0], points[points.length - 1]].map(({ from }, end) => (
          <text
            key={from}
            x={x(from)}
            y={HEIGHT - 6}
            textAnchor={end === 0 ? "start" : "end"}
            fontSize="10"
            fill="currentColor"
          >
            {from}
          </text>
        ))}
      </svg>
      {known.some(({ low, high }) => low === high) && (
        <p className="text-xs text-muted">Hollow: too few prompts, or too much alike, to give an interval.</p>
      )}
      <table className="sr-only">
        <caption>α over time</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">α</th>
            <th scope="col">Interval</th>
            <th scope="col">Prompts</th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ from, estimate, low, high, n }) => (
            <tr key={from}>
              <th scope="row">{from}</th>
              <td>{text(estimate)}</td>
              <td>{low === null ? "none" : `${text(low)} to ${text(high)}`}</td>
              <td>{n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
