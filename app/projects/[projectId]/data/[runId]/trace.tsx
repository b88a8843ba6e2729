"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { PromptView } from "@/app/components/desk/prompt-view";
import { WordDiff } from "@/app/components/desk/word-diff";
import { FigureName } from "@/app/components/figure";
import { Markdown } from "@/app/components/markdown/markdown";
import { Sheet } from "@/app/components/ui/dialog";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { CandidateTrace } from "@/server/construction/schema";
import { asWritten } from "@/server/construction/words";
import { shownOf } from "./content";

/** A candidate down to the raw words of the models behind it. */
export function Trace({
  projectId,
  runId,
  candidateId,
  onClose,
}: {
  projectId: string;
  runId: string;
  candidateId: string;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const trace = useQuery(trpc.construction.trace.queryOptions({ projectId, runId, candidateId }));
  const found = trace.data?.candidate;
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={found ? `Candidate ${found.position + 1}` : "Candidate"}
      description={found && (found.dropped ? `Dropped: ${found.dropped}.` : `Made by: ${found.operator}.`)}
    >
      {trace.error && (
        <p role="alert" className="text-sm text-bad">
          {trace.error.message}
        </p>
      )}
      {trace.data && found && (
        <div className="flex flex-col gap-6">
          <Section title="As it stands">
            <Content candidate={found} />
          </Section>
          {found.reason && <p className="text-sm">Rejected: {found.reason}</p>}
          <Behind projectId={projectId} trace={trace.data} />
        </div>
      )}
    </Sheet>
  );
}

/** The conversation, and the reply or the two of a pair; where a person changed it, what came and went. */
export function Content({ candidate }: { candidate: CandidateTrace["candidate"] }) {
  const { messages, responses } = shownOf(candidate);
  const before = asWritten(candidate.content).responses;
  return (
    <div className="flex flex-col gap-4">
      <PromptView prompt={{ messages, tools: null, language: null, domain: null }} raw={false} />
      {responses.map((text, at) => (
        <div key={at} className="rounded-lg border bg-surface p-3">
          {responses.length > 1 && (
            <p className="text-xs font-medium text-muted">
              {at === 0 ? "The better reply" : "The worse reply"}
            </p>
          )}
          {candidate.edited ? (
            <WordDiff before={before[at] ?? ""} after={text} lang={null} />
          ) : (
            <Markdown text={text} />
          )}
        </div>
      ))}
    </div>
  );
}

/** What it was made from, what is most alike, what filters measured, what else is known, and the raw asks. */
export function Behind({ projectId, trace }: { projectId: string; trace: CandidateTrace }) {
  const { candidate, parents, nearest, asks } = trace;
  const facts = Object.entries(candidate.content.facts);
  return (
    <>
      <Section title="Made from">
        {parents.length === 0 && <p className="text-sm text-muted">Nothing but the recipe.</p>}
        <ul className="flex flex-col gap-2 text-sm">
          {parents.map(({ id, text, promptId, licence }) => (
            <li key={id} className="rounded-md bg-sunken p-2">
              <p dir="auto" className="line-clamp-6 whitespace-pre-wrap">
                {text || id}
              </p>
              <p className="text-xs text-muted">
                {promptId ? (
                  <Link
                    href={`/projects/${projectId}/prompts?prompt=${promptId}`}
                    className="hover:underline"
                  >
                    a prompt of the project
                  </Link>
                ) : id.startsWith("~") ? (
                  "an earlier candidate"
                ) : (
                  "a document"
                )}
                {licence && `, licence ${licence}`}
              </p>
            </li>
          ))}
        </ul>
      </Section>
      {nearest !== null && candidate.content.nearest && (
        <Section title={`Most alike before it: ${candidate.content.nearest.figure.toFixed(2)}`}>
          <p dir="auto" className="rounded-md bg-sunken p-2 text-sm whitespace-pre-wrap">
            {nearest}
          </p>
        </Section>
      )}
      <Section title={<FigureName id="candidateVerdicts">Filters</FigureName>}>
        <ul className="text-sm tabular">
          {candidate.verdicts.map(({ filter, keeps, figure }) => (
            <li key={filter} className={keeps ? "" : "text-bad"}>
              {filter}: {keeps ? "kept" : "dropped"}
              {figure !== null && `, ${Number(figure.toFixed(3))}`}
            </li>
          ))}
          {facts.map(([name, value]) => (
            <li key={name} className="text-muted">
              {name.replaceAll("_", " ")}: {String(value)}
            </li>
          ))}
        </ul>
      </Section>
      <Section title="What models were asked and wrote">
        {asks.map(({ key, slot, request, text, model, input, output, failure }) => (
          <details key={key} className="text-sm">
            <summary className="cursor-pointer">
              {key}: {slot}
              {model && `, ${model}`}
              {output !== null && `, ${amount(input ?? 0)} + ${amount(output)} tokens`}
              {failure && <span className="text-bad"> no reply</span>}
            </summary>
            <div className="flex flex-col gap-2 pt-2">
              <Code>{request}</Code>
              <Code>{failure ?? text ?? ""}</Code>
            </div>
          </details>
        ))}
      </Section>
    </>
  );
}
