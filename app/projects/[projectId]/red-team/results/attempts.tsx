"use client";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { saveFile } from "@/app/components/save-file";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import type { TaxonomyId } from "@/db/shape/harm";
import { Conversation, useVeil, VeilButton } from "../veil";
import { HarmName } from "./harm-name";

/** Judged attempts, newest first, model text behind its veil; a manager may take them elsewhere. */
export function Attempts({
  projectId,
  mayManage,
  taxonomy,
}: {
  projectId: string;
  mayManage: boolean;
  taxonomy: TaxonomyId;
}) {
  const t = useTranslations("redTeam");
  const trpc = useTRPC();
  const client = useTRPCClient();
  const veil = useVeil(projectId);
  const list = useInfiniteQuery(
    trpc.redTeam.attempts.infiniteQueryOptions(
      { projectId, limit: 20 },
      { getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined, refetchOnMount: "always" },
    ),
  );
  const take = useMutation({
    async mutationFn() {
      const lines: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.redTeam.export.mutate({ projectId, taxonomy, cursor, limit: 200 });
        lines.push(...page.items.map((item) => JSON.stringify(item)));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      saveFile({
        name: "red-team.never-chosen.jsonl",
        mediaType: "application/x-ndjson",
        content: `${lines.join("\n")}\n`,
      });
    },
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const error = list.error ?? take.error;
  return (
    <Section
      title="Judged attempts"
      actions={
        items.length > 0 && (
          <>
            <VeilButton veil={veil} />
            {mayManage && (
              <Button size="sm" busy={take.isPending} onClick={() => take.mutate()}>
                Export, marked
              </Button>
            )}
          </>
        )
      }
    >
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error.message}
        </p>
      )}
      {items.length === 0 && <p className="text-sm text-muted">None yet.</p>}
      <ul className="flex flex-col gap-2">
        {items.map((item) => (
          <li key={item.id} className="rounded-lg border bg-surface">
            <details>
              <summary className="flex cursor-pointer flex-wrap items-center gap-2 px-3 py-2 text-sm">
                {item.people ? (
                  <Badge tone={item.people === "succeeded" ? "bad" : item.people === "no" ? "good" : "warn"}>
                    People: {t(`levels.${item.people}`)}
                  </Badge>
                ) : (
                  <Badge>People differ</Badge>
                )}
                {item.claim && <Badge>Attacker: {t(`levels.${item.claim}`)}</Badge>}
                {item.guard !== null && <Badge>Guard: {item.guard ? "succeeded" : "did not"}</Badge>}
                <Badge tone="accent">{t(`tactics.${item.tactic}.name`)}</Badge>
                <span dir="auto" className="min-w-0 flex-1 truncate">
                  {item.wanted}
                </span>
                <span className="text-muted wrap-anywhere">{item.model}</span>
              </summary>
              <div className="flex flex-col gap-3 border-t px-3 py-3">
                <p className="text-sm text-muted">
                  <HarmName hazard={item.harm} taxonomy={taxonomy} />
                  {item.tacticNote && <bdi> {item.tacticNote}</bdi>}
                </p>
                <Conversation messages={item.messages} veil={veil} />
                {item.judgements.map(({ level, note }, at) => (
                  <p key={`${item.id} ${at}`} className="text-sm">
                    <strong className="font-medium">{t(`levels.${level}`)}</strong>
                    {note && <bdi> {note}</bdi>}
                  </p>
                ))}
              </div>
            </details>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="self-start" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          More
        </Button>
      )}
    </Section>
  );
}
