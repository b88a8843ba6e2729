import { ArrowRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { FigureName } from "@/app/components/figure";
import { amount } from "@/app/components/units";
import type { Lineage } from "@/server/model/schema";

/** raters → annotations → dataset version → run → model → what came of it; each step a link. */
export function LineageGraph({ projectId, lineage }: { projectId: string; lineage: Lineage }) {
  const { model, base, parent, children, run, version, raters, withdrawn } = lineage;
  const home = `/projects/${projectId}`;
  const starts = [
    ...new Map([base, parent].flatMap((other) => (other ? [[other.id, other] as const] : []))).values(),
  ];
  return (
    <>
      <ol className="flex flex-wrap items-stretch gap-y-3">
        {version && (
          <>
            <Step title={<FigureName id="raterShare">Raters</FigureName>}>
              {raters.slice(0, 6).map((rater) => (
                <Line
                  key={rater.id}
                  href={`${home}/preferences?raterId=${rater.id}`}
                  note={amount(rater.annotations)}
                >
                  {rater.name}
                </Line>
              ))}
              {raters.length > 6 && <p className="text-xs text-muted">and {raters.length - 6} more</p>}
            </Step>
            <Step title={<FigureName id="versionGround">Annotations</FigureName>}>
              <Line href={`${home}/preferences`}>{amount(version.annotations)}</Line>
            </Step>
            <Step title={<FigureName id="versionRows">Dataset version</FigureName>}>
              <Line href={`${home}/datasets/versions/${version.id}`} note={`${amount(version.rows)} rows`}>
                {version.dataset} v{version.version}
              </Line>
              <p className="font-mono text-2xs text-muted">{version.sha256.slice(0, 16)}…</p>
            </Step>
          </>
        )}
        {starts.length > 0 && (
          <Step title="Started from">
            {starts.map((start) => (
              <Line key={start.id} href={`${home}/models/${start.id}`} note={start.method}>
                {start.name}
              </Line>
            ))}
          </Step>
        )}
        {run && (
          <Step title="Run">
            <Line href={`${home}/runs/${run.id}`} note={run.kind}>
              {run.title}
            </Line>
          </Step>
        )}
        <Step title="This model" last={children.length === 0}>
          <p className="font-semibold">{model.name}</p>
        </Step>
        {children.length > 0 && (
          <Step title="Made from it" last>
            {children.map((child) => (
              <Line key={child.id} href={`${home}/models/${child.id}`} note={child.method}>
                {child.name}
              </Line>
            ))}
          </Step>
        )}
      </ol>
      {withdrawn.length > 0 && (
        <p role="alert" className="max-w-prose rounded-md bg-warn-wash px-3 py-2 text-sm text-warn">
          {withdrawn.map(({ name }) => name).join(", ")} withdrew consent. The next dataset version leaves
          that work out; this model still contains it, by itself or by what it was made from.
        </p>
      )}
    </>
  );
}

function Step({ title, last, children }: { title: ReactNode; last?: boolean; children: ReactNode }) {
  return (
    <li className="flex items-center">
      <div className="h-full min-w-32 rounded-lg border bg-surface px-3 py-2 text-sm">
        <div className="text-xs text-muted">{title}</div>
        {children}
      </div>
      {!last && <ArrowRight aria-hidden="true" className="mx-1.5 size-4 text-muted rtl:-scale-x-100" />}
    </li>
  );
}

function Line({ href, note, children }: { href: string; note?: string; children: ReactNode }) {
  return (
    <p className="flex items-baseline justify-between gap-3">
      <Link href={href} className="hover:underline">
        {children}
      </Link>
      {note && <span className="text-xs text-muted tabular">{note}</span>}
    </p>
  );
}
