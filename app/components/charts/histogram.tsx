import { FigureName } from "@/app/components/figure";
import { amount } from "@/app/components/units";
import type { FigureId } from "@/server/figure/schema";

export interface Series {
  name: string;
  /** One of the theme's colours, as a class that sets `fill`. */
  fill: string;
  values: readonly number[];
}

const WIDTH = 480;
const HEIGHT = 150;
const LEFT = 40;
const BOTTOM = 34;
const TOP = 8;

/** Counts in bins, series side by side. The table behind it is there for those who cannot see the bars. */
export function Histogram({
  title,
  figure,
  bins,
  unit,
  series,
}: {
  title: string;
  /** What its numbers are. */
  figure: FigureId;
  /** The label of each bin. */
  bins: readonly string[];
  /** What the bins measure. */
  unit: string;
  series: readonly Series[];
}) {
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const slot = (WIDTH - LEFT) / Math.max(1, bins.length);
  const bar = (slot * 0.8) / series.length;
  const heightOf = (value: number) => (value / most) * (HEIGHT - BOTTOM - TOP);
  return (
    <figure className="flex max-w-xl flex-col gap-1">
      <figcaption className="flex flex-wrap items-center gap-x-4 text-sm font-medium">
        <FigureName id={figure}>{title}</FigureName>
        {series.length > 1 &&
          series.map(({ name, fill }) => (
            <span key={name} className="flex items-center gap-1.5 text-xs font-normal text-muted">
              <svg aria-hidden="true" className="size-2.5">
                <rect width="100%" height="100%" rx="2" className={fill} />
              </svg>
              {name}
            </span>
          ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" className="w-full text-muted">
        {[0, 0.5, 1].map((part) => {
          const y = HEIGHT - BOTTOM - heightOf(part * most);
          return (
            <g key={part}>
              <line x1={LEFT} x2={WIDTH} y1={y} y2={y} className="stroke-line" />
              <text x={LEFT - 6} y={y + 3.5} textAnchor="end" fontSize="10" fill="currentColor">
                {amount(Math.round(part * most))}
              </text>
            </g>
          );
        })}
        {bins.map((bin, i) => (
          <g key={bin} transform={`translate(${LEFT + i * slot + slot * 0.1}, 0)`}>
            {series.map(({ name, fill, values }, s) => (
              <rect
                key={name}
                x={s * bar}
                width={Math.max(1, bar - 1)}
                y={HEIGHT - BOTTOM - heightOf(values[i] ?? 0)}
                height={heightOf(values[i] ?? 0)}
                className={fill}
              >
                <title>{`${bin} ${unit}: ${values[i] ?? 0} ${name}`}</title>
              </rect>
            ))}
            <text
              x={slot * 0.4}
              y={HEIGHT - BOTTOM + 13}
              textAnchor="middle"
              fontSize="10"
              fill="currentColor"
            >
              {bin}
            </text>
          </g>
        ))}
        <text
          x={LEFT + (WIDTH - LEFT) / 2}
          y={HEIGHT - 4}
          textAnchor="middle"
          fontSize="10"
          fill="currentColor"
        >
          {unit}
        </text>
      </svg>
      <table className="sr-only">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bins.map((bin, i) => (
            <tr key={bin}>
              <th scope="row">{bin}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{values[i] ?? 0}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
