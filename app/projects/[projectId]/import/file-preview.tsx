import { Badge } from "@/app/components/ui/badge";
import { cn } from "@/app/components/ui/cn";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { bytes } from "@/app/components/units";
import type { FilePreview } from "@/server/import/schema";
import { ProblemList } from "./problem-list";

/** What each file is taken for, why, and its first rows. */
export function FilePreviews({
  previews,
  isStale,
}: {
  previews: readonly FilePreview[];
  /** They still show how the files looked under the options before. */
  isStale: boolean;
}) {
  return (
    <div aria-busy={isStale} className={cn("flex flex-col gap-4", isStale && "opacity-60")}>
      {previews.map((preview) => (
        <section key={preview.name} aria-label={preview.name} className="flex flex-col gap-2">
          <header className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
            <h2 className="font-semibold">{preview.name}</h2>
            <Badge tone={preview.shape ? "good" : "bad"}>{preview.shape?.title ?? "not recognised"}</Badge>
            <span className="text-muted tabular">
              {[preview.format, bytes(preview.size)].filter(Boolean).join(", ")}
            </span>
            {preview.shape && <p className="w-full text-xs text-muted">{preview.reason}</p>}
          </header>
          <ProblemList problems={preview.problems} />
          {preview.rows.length > 0 && (
            <div className="scroll-thin max-h-72 overflow-auto rounded-md border">
              <Table label={`First rows of ${preview.name}`}>
                <thead>
                  <tr>
                    <Th numeric>Row</Th>
                    {preview.columns.map((column) => (
                      <Th key={column} className="font-mono">
                        {column}
                      </Th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {preview.rows.map((row, index) => (
                    <Tr key={index}>
                      <Td numeric className="text-muted">
                        {index + 1}
                      </Td>
                      {preview.columns.map((column) => (
                        <Td key={column} className="min-w-24">
                          <div dir="auto" className="line-clamp-3 max-w-96 break-words text-xs">
                            {cellText(row[column])}
                          </div>
                        </Td>
                      ))}
                    </Tr>
                  ))}
                </tbody>
              </Table>
            </div>
          )}
        </section>
      ))}
    </div>
  );
}

const CELL = 400;

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.slice(0, CELL);
}
