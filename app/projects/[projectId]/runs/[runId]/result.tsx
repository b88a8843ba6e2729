import Link from "next/link";
import { Section } from "@/app/components/ui/section";
import { amount, bytes, duration } from "@/app/components/units";

const links: Record<string, { path: string; text: string }> = {
  versionId: { path: "datasets/versions", text: "Open the version" },
  judgeId: { path: "judges", text: "Open the judge" },
  modelId: { path: "models", text: "Open the model" },
};
const figures: Record<string, { name: string; text: (value: number) => string }> = {
  seconds: { name: "training took", text: duration },
  peak_memory_bytes: { name: "peak memory", text: bytes },
};

/** What a run made, in the order in which its worker told it; links first. */
export function Result({ projectId, result }: { projectId: string; result: Record<string, unknown> }) {
  const plain = Object.entries(result).filter(([, value]) => typeof value !== "object");
  const made = plain.filter(([name]) => name in links);
  const told = plain.filter(([name]) => !(name in links));
  return (
    <Section title="Result">
      {made.map(([name, value]) => (
        <p key={name}>
          <Link
            href={`/projects/${projectId}/${links[name].path}/${value}`}
            className="text-accent hover:underline"
          >
            {links[name].text}
          </Link>
        </p>
      ))}
      <dl className="grid max-w-prose grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
        {told.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{figures[name]?.name ?? name.replaceAll("_", " ")}</dt>
            <dd className="break-all tabular">
              {typeof value === "number" ? (figures[name]?.text ?? amount)(value) : String(value)}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
