"use client";
import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";

/** Some of the people who may judge in the project. */
export function RaterChoice({
  projectId,
  label,
  help,
  chosen,
  onChange,
}: {
  projectId: string;
  label: string;
  help: string;
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  const trpc = useTRPC();
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const able = raters.data?.filter(({ kind, role }) => kind === "model" || role !== null) ?? [];
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="text-sm font-medium">
        {label} <span className="font-normal text-muted">(optional)</span>
      </legend>
      <p className="text-xs text-muted">{help}</p>
      <div className="scroll-thin flex max-h-40 flex-col overflow-y-auto rounded-md border">
        {able.map((rater) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
          <label
            key={rater.id}
            className="touch-target flex items-center gap-2 px-2.5 py-1 text-sm hover:bg-hover"
          >
            <Checkbox
              checked={chosen.includes(rater.id)}
              onCheckedChange={(on) =>
                onChange(on ? [...chosen, rater.id] : chosen.filter((id) => id !== rater.id))
              }
            />
            <span className="min-w-0 flex-1 truncate">{rater.name}</span>
            <span className="text-xs text-muted">
              {[...rater.languages, ...rater.domains].join(", ") || rater.role}
            </span>
          </label>
        ))}
        {able.length === 0 && <p className="px-2.5 py-2 text-sm text-muted">Nobody is in the project yet.</p>}
      </div>
    </fieldset>
  );
}
