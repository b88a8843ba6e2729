import { counted } from "@/app/components/units";
import { writeJson } from "@/db/shape/written-json";

/** What came with a record, as it was given. */
export function Metadata({ value }: { value: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  return (
    <details className="mt-2 text-xs text-muted">
      <summary>
        {counted(entries.length, "more field")}: {entries.map(([name]) => name).join(", ")}
      </summary>
      <dl className="mt-1 grid grid-cols-[max-content_1fr] gap-x-3 gap-y-0.5">
        {entries.map(([name, field]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd dir="auto" className="break-words whitespace-pre-wrap text-ink">
              {typeof field === "string" ? field : writeJson(field)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
