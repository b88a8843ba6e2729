"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import type { AddressReader } from "@/app/components/table/address";
import { useAddress } from "@/app/components/table/use-address";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Segmented } from "@/app/components/ui/segmented";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import { candidateShows } from "@/db/shape/candidate";
import type { Candidate } from "@/server/construction/schema";
import { shownOf } from "./content";
import { Trace } from "./trace";

const SHOWN = 50;
const ASK_MS = 5000;

const candidatesAddress = (address: AddressReader) => ({ only: address.oneOf("only", candidateShows) });

/** Every candidate, kept or dropped, with what its filters measured; one opens down to the raw words behind it. */
export function Candidates({
  projectId,
  runId,
  isEnded,
}: {
  projectId: string;
  runId: string;
  isEnded: boolean;
}) {
  const trpc = useTRPC();
  const [{ only = "all" }, { set }] = useAddress(candidatesAddress);
  const [open, setOpen] = useState<string | null>(null);
  const pages = useInfiniteQuery(
    trpc.construction.candidates.infiniteQueryOptions(
      { projectId, runId, only, limit: SHOWN },
      {
        getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
        placeholderData: keepPreviousData,
        ...(isEnded ? {} : { refetchInterval: ASK_MS }),
      },
    ),
  );
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title="Candidates"
      actions={
        <Segmented
          label="Which"
          value={only}
          onChange={(value) => set({ only: value === "all" ? null : value })}
          options={candidateShows.map((value) => ({ value, label: value }))}
        />
      }
    >
      {pages.error && (
        <p role="alert" className="text-sm text-bad">
          {pages.error.message}
        </p>
      )}
      {items.length === 0 && pages.isSuccess ? (
        <p className="text-sm text-muted">None.</p>
      ) : (
        <Table label="Candidates">
          <thead>
            <tr>
              <Th numeric>No.</Th>
              <Th>Prompt</Th>
              <Th>Reply</Th>
              <Th aside={<FigureInfo id="candidateVerdicts" />}>Filters</Th>
              <Th>State</Th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <Row key={one.id} candidate={one} onOpen={() => setOpen(one.id)} />
            ))}
          </tbody>
        </Table>
      )}
      {pages.hasNextPage && (
        <Button className="self-start" busy={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          Show more
        </Button>
      )}
      {open && <Trace projectId={projectId} runId={runId} candidateId={open} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function Row({ candidate, onOpen }: { candidate: Candidate; onOpen: () => void }) {
  const { messages, responses } = shownOf(candidate);
  const asked = messages.at(-1)?.content ?? "";
  return (
    <Tr>
      <Td numeric>{candidate.position + 1}</Td>
      <Td className="min-w-48 max-w-md">
        <button type="button" className="text-start hover:underline" onClick={onOpen}>
          <span dir="auto" className="line-clamp-3">
            {asked || "(nothing that could be read)"}
          </span>
        </button>
      </Td>
      <Td className="min-w-48 max-w-md">
        {responses.map((text, at) => (
          <p key={at} dir="auto" className={at === 0 ? "line-clamp-3" : "line-clamp-3 text-muted"}>
            {responses.length > 1 ? (at === 0 ? "+ " : "− ") : ""}
            {text}
          </p>
        ))}
      </Td>
      <Td className="min-w-32 text-muted tabular">
        {candidate.verdicts.map(({ filter, keeps, figure }) => (
          <span key={filter} className={keeps ? "block" : "block text-bad"}>
            {filter}
            {figure !== null && ` ${Number(figure.toFixed(3))}`}
          </span>
        ))}
      </Td>
      <Td>
        <State candidate={candidate} />
      </Td>
    </Tr>
  );
}

function State({ candidate: { dropped, decision, audited, stands, promptId } }: { candidate: Candidate }) {
  if (dropped !== null) return <Badge tone="bad">{dropped}</Badge>;
  if (!stands) return <Badge tone="warn">source withdrawn</Badge>;
  if (decision === "rejected") return <Badge tone="warn">rejected</Badge>;
  if (decision) return <Badge tone="good">{decision}</Badge>;
  if (promptId) return <Badge tone="accent">used unseen</Badge>;
  return <Badge>{audited ? "waits" : "not drawn"}</Badge>;
}
