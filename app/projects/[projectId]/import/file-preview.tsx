import dynamic from "next/dynamic";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { cn } from "@/app/components/ui/cn";
import { amount, bytes, counted } from "@/app/components/units";
import { type FilePreview, type ImportOptions, lookWords } from "@/server/import/schema";
import type { Form } from "./first-rows";
import { ProblemList } from "./problem-list";

/** With the desk that it shows, loaded when a file was chosen. */
const FirstRows = dynamic(() => import("./first-rows").then((rows) => rows.FirstRows));

/** What each file is taken for and why, what else it could be, what is not used, and what its rows become. */
export function FilePreviews({
  previews,
  project,
  isStale,
  options,
  onOptions,
}: {
  previews: readonly FilePreview[];
  project: Form | undefined;
  /** They still show how the files looked under the options before. */
  isStale: boolean;
  options: Partial<ImportOptions>;
  onOptions: (options: Partial<ImportOptions>) => void;
}) {
  const read = (change: Pick<Partial<ImportOptions>, "shape" | "mapping">) =>
    onOptions({ ...options, shape: undefined, mapping: undefined, ...change });
  return (
    <div aria-busy={isStale} className={cn("flex flex-col gap-6", isStale && "opacity-60")}>
      {previews.map((preview) => {
        const { name, shape, format, size, reason, alternatives, guess, unused, problems } = preview;
        return (
          <section key={name} aria-label={name} className="flex min-w-0 flex-col gap-2">
            <header className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
              <h2 className="min-w-0 break-words font-semibold">{name}</h2>
              <Badge tone={shape ? "good" : "bad"}>{shape?.title ?? "not recognised"}</Badge>
              <span className="text-muted tabular">{[format, bytes(size)].filter(Boolean).join(", ")}</span>
              {shape && <p className="w-full text-xs text-muted">{reason}</p>}
            </header>
            <div className="flex flex-wrap items-center gap-2 text-sm">
              {guess && !options.mapping && (
                <Button size="sm" onClick={() => read({ mapping: guess })}>
                  Choose the columns myself
                </Button>
              )}
              {(options.mapping || options.shape) && (
                <Button size="sm" onClick={() => read({})}>
                  Read it as recognised
                </Button>
              )}
              {alternatives.length > 0 && <span className="text-muted">It could also be</span>}
              {alternatives.map(({ id, title, looksLike }) => (
                <Button
                  key={id}
                  size="sm"
                  variant="ghost"
                  title={looksLike}
                  onClick={() => read({ shape: id })}
                >
                  {title}
                </Button>
              ))}
            </div>
            {unused.length > 0 && (
              <ul aria-label="Columns that are not used" className="flex flex-col gap-1 text-sm">
                {unused.map(({ name: column, rows, looksLike, mapping }) => (
                  <li
                    key={column}
                    className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-warn-wash px-3 py-1"
                  >
                    <span className="min-w-0 break-words">
                      <strong className="font-mono text-xs">{column}</strong> looks like{" "}
                      {lookWords[looksLike]} and is not used ({counted(rows, "row")}).
                    </span>
                    {mapping ? (
                      <Button size="sm" onClick={() => read({ mapping })}>
                        Use {column}
                      </Button>
                    ) : (
                      <span className="text-muted">Say below what it means.</span>
                    )}
                  </li>
                ))}
              </ul>
            )}
            <ProblemList problems={problems} />
            <FirstRows preview={preview} project={project} />
          </section>
        );
      })}
      {previews.length > 1 && (
        <p className="text-xs text-muted">{amount(previews.length)} files are read together.</p>
      )}
    </div>
  );
}
