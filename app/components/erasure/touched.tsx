import Link from "next/link";
import type { z } from "zod";
import type { touchedSchema } from "@/server/model/schema";

/** The frozen versions that hold a rater's work, each with the models trained on it, and what was trained on from those. */
export function Touched({
  projectId,
  touched: { versions, models },
}: {
  projectId: string;
  touched: z.infer<typeof touchedSchema>;
}) {
  const isHere = new Set(versions.map(({ id }) => id));
  const descendants = models.filter(({ versionId }) => !isHere.has(versionId ?? ""));
  const link = (model: (typeof models)[number]) => (
    <p key={model.id} className="ps-4">
      model{" "}
      <Link href={`/projects/${projectId}/models/${model.id}`} className="hover:underline">
        {model.name}
      </Link>
    </p>
  );
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {versions.map((version) => (
        <li key={version.id}>
          <Link
            href={`/projects/${projectId}/datasets/versions/${version.id}`}
            className="font-medium hover:underline"
          >
            {version.dataset} v{version.version}
          </Link>{" "}
          <span className="text-muted tabular">
            {version.rows} rows{version.through === "replies" && ", which judge replies of these models"}
          </span>
          {models.filter(({ versionId }) => versionId === version.id).map(link)}
        </li>
      ))}
      {descendants.length > 0 && <li>Trained on from those:{descendants.map(link)}</li>}
    </ul>
  );
}
