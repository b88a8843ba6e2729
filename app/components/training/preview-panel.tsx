import { Badge } from "@/app/components/ui/badge";
import { cn } from "@/app/components/ui/cn";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { amount, bytes, duration } from "@/app/components/units";
import type { Preview } from "@/server/training/schema";

/** Dropped rows shown before the rest is only counted. */
const SHOWN = 20;

/** The run as the engine sees it, before it starts. */
export function PreviewPanel({ preview, command }: { preview: Preview; command: string }) {
  return (
    <div className="flex flex-col gap-6">
      <p className="text-sm">
        {amount(preview.rows)} rows, {amount(preview.steps)} steps
        {preview.secondsPerStep !== null &&
          `, about ${duration(preview.steps * preview.secondsPerStep)} on this machine (${amount(preview.secondsPerStep)} s a step)`}
        , about {bytes(preview.memoryBytes)} of memory.{" "}
        <span className="text-muted">
          {preview.memoryNote}
          {preview.secondsPerStep === null && " How long it takes is known once it runs."}
        </span>
      </p>
      {preview.dropped.length > 0 && (
        <Section title={`Dropped: ${amount(preview.dropped.length)} rows`}>
          <ul className="text-sm text-muted">
            {preview.dropped.slice(0, SHOWN).map(({ file, row, reason }) => (
              <li key={`${file}${row}`}>
                {file.split("/").at(-1)}, row {row}: {reason}
              </li>
            ))}
            {preview.dropped.length > SHOWN && <li>and {amount(preview.dropped.length - SHOWN)} more</li>}
          </ul>
        </Section>
      )}
      <Section title="The first batch, token by token">
        <p className="flex flex-wrap gap-3 text-xs text-muted">
          <span className="rounded-sm bg-sunken px-1">prompt</span>
          <span className="rounded-sm bg-accent-wash px-1 text-accent">learnt: enters the loss</span>
          <span className="rounded-sm border px-1">given, no loss</span>
        </p>
        {preview.batch.map(({ role, tokens }, i) => (
          <div key={`${role}${i}`} className="rounded-md border bg-surface p-2">
            <Badge tone={role === "chosen" ? "good" : role === "rejected" ? "bad" : "neutral"}>{role}</Badge>{" "}
            <span className="text-xs text-muted tabular">{tokens.length} tokens</span>
            <p dir="auto" className="mt-1 whitespace-pre-wrap break-words font-mono text-xs leading-6">
              {tokens.map(({ text, part, loss }, t) => (
                <span
                  key={t}
                  className={cn(
                    "me-px rounded-sm px-px",
                    loss ? "bg-accent-wash text-accent" : part === "prompt" ? "bg-sunken" : "border",
                  )}
                >
                  {text.replaceAll("\n", "⏎\n") || "·"}
                </span>
              ))}
            </p>
          </div>
        ))}
      </Section>
      <Section title="The spec, and the command that runs it by hand">
        <Code className="max-h-none">{preview.yaml}</Code>
        <Code>{command}</Code>
      </Section>
    </div>
  );
}
