import { FigureName } from "@/app/components/figure";
import { percent } from "@/app/components/units";
import type { Refusals } from "@/server/red-team/schema";

const SIZE = 380;
const [LEFT, TOP, BOTTOM] = [52, 10, 40];
const PLOT = SIZE - LEFT - 12;
const BASE = TOP + PLOT;
const x = (share: number) => LEFT + share * PLOT;
const y = (share: number) => BASE - share * PLOT;

/**
 * What models refuse of what is harmful against what they refuse of what is not, both of the benchmark, with 95 %
 * intervals: the upper left corner is where a model should be. Models of which one of the two is not known are left out.
 */
export function RefusalPlot({ rows }: { rows: Refusals }) {
  const shown = rows.flatMap(({ modelId, model, unsafe, safe }) =>
    unsafe.estimate === null || safe.estimate === null
      ? []
      : [{ modelId, model, unsafe, safe, at: { x: x(safe.estimate), y: y(unsafe.estimate) } }],
  );
  if (shown.length === 0) return null;
  return (
    <figure className="flex w-full max-w-sm flex-col gap-1">
      <figcaption className="text-sm font-medium">
        <FigureName id="refusedHarmful">Refused: harmful × harmless prompts</FigureName>
      </figcaption>
      <svg viewBox={`0 0 ${SIZE} ${BASE + BOTTOM}`} aria-hidden="true" className="w-full text-muted">
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={LEFT + PLOT} y1={y(share)} y2={y(share)} className="stroke-line" />
            <line x1={x(share)} x2={x(share)} y1={TOP} y2={BASE} className="stroke-line" />
            <text x={LEFT - 5} y={y(share) + 4} textAnchor="end" fontSize="11" fill="currentColor">
              {100 * share} %
            </text>
            <text
              x={x(share)}
              y={BASE + 15}
              textAnchor={share === 1 ? "end" : "middle"}
              fontSize="11"
              fill="currentColor"
            >
              {100 * share} %
            </text>
          </g>
        ))}
        <text x={LEFT + PLOT / 2} y={BASE + 32} textAnchor="middle" fontSize="12" fill="currentColor">
          of safe prompts
        </text>
        <text
          x={14}
          y={TOP + PLOT / 2}
          textAnchor="middle"
          fontSize="12"
          fill="currentColor"
          transform={`rotate(-90 14 ${TOP + PLOT / 2})`}
        >
          of unsafe prompts
        </text>
        {shown.map(({ modelId, model, unsafe, safe, at }, place) => (
          <g key={modelId} className="text-accent">
            <title>{`${model}: ${percent(unsafe.count, unsafe.of)} of unsafe, ${percent(safe.count, safe.of)} of safe prompts`}</title>
            {unsafe.low !== null && unsafe.high !== null && (
              <line x1={at.x} x2={at.x} y1={y(unsafe.low)} y2={y(unsafe.high)} stroke="currentColor" />
            )}
            {safe.low !== null && safe.high !== null && (
              <line x1={x(safe.low)} x2={x(safe.high)} y1={at.y} y2={at.y} stroke="currentColor" />
            )}
            <circle cx={at.x} cy={at.y} r="9" className="fill-surface" stroke="currentColor" />
            <text x={at.x} y={at.y + 4} textAnchor="middle" fontSize="11" fill="currentColor">
              {place + 1}
            </text>
          </g>
        ))}
      </svg>
      <ol className="flex list-decimal flex-col ps-5 text-xs text-muted">
        {shown.map(({ modelId, model }) => (
          <li key={modelId} className="wrap-anywhere">
            {model}
          </li>
        ))}
      </ol>
    </figure>
  );
}
