"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { componentOf } from "@/app/components/question";
import { Badge } from "@/app/components/ui/badge";
import { Checkbox } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import { shownAs } from "../words";

/** While a run may be going on, the page asks so often for what it said. */
const ASK_MS = 5000;
const SHOWN = 20;

/** What a version said last, reply by reply. */
export function Verdicts({
  projectId,
  judgeVersionId,
  asked,
}: {
  projectId: string;
  judgeVersionId: string;
  /** Replies so far. */
  asked: number;
}) {
  const trpc = useTRPC();
  const say = useTranslations("question");
  const [isFailed, setFailed] = useState(false);
  const verdicts = useQuery(
    trpc.judge.verdicts.queryOptions(
      { projectId, judgeVersionId, limit: SHOWN, only: isFailed ? "failed" : undefined },
      { placeholderData: keepPreviousData, refetchInterval: ASK_MS },
    ),
  );
  if (asked === 0 && !verdicts.data?.items.length) return null;
  return (
    <Section
      title="What it said last"
      actions={
        // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
        <label className="flex items-center gap-2 text-sm">
          <Checkbox checked={isFailed} onCheckedChange={(on) => setFailed(on === true)} />
          Only those without a verdict
        </label>
      }
    >
      {verdicts.data?.items.length === 0 ? (
        <p className="text-sm text-muted">None.</p>
      ) : (
        <Table label="What it said last">
          <thead>
            <tr>
              <Th>Prompt</Th>
              <Th>Shown</Th>
              <Th>Verdict</Th>
              <Th>Its words, where A is what stood first</Th>
            </tr>
          </thead>
          <tbody>
            {verdicts.data?.items.map((verdict) => (
              <Tr key={verdict.id}>
                <Td className="min-w-40 max-w-64">
                  <Link
                    href={`/projects/${projectId}/preferences?task=${verdict.taskId}`}
                    className="line-clamp-2 hover:underline"
                    dir="auto"
                  >
                    {verdict.excerpt || "(an empty prompt)"}
                  </Link>
                </Td>
                <Td className="whitespace-nowrap text-muted">
                  {shownAs(verdict)}
                  {verdict.wording > 0 && `, in other words ${verdict.wording}`}
                </Td>
                <Td className="whitespace-nowrap">
                  {verdict.failure ? (
                    <Badge tone="warn">{verdict.failure}</Badge>
                  ) : (
                    verdict.answer && componentOf(verdict.answer.type).summary(verdict.answer, say)
                  )}
                </Td>
                <Td className="min-w-64 max-w-md">
                  <details>
                    <summary className="line-clamp-2 cursor-pointer" dir="auto">
                      {verdict.reason ?? verdict.reply ?? "(none)"}
                    </summary>
                    <p dir="auto" className="whitespace-pre-wrap pt-1 text-muted">
                      {[verdict.reasoning, verdict.reply].filter(Boolean).join("\n\n") || "(none)"}
                    </p>
                  </details>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
