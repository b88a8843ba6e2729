"use client";
import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useState } from "react";
import { Figure, FigureInfo } from "@/app/components/figure";
import { Empty } from "@/app/components/ui/empty";
import { Segmented } from "@/app/components/ui/segmented";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, dollars } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { runKinds } from "@/db/shape/run-kinds";
import type { Usage as Used } from "@/server/endpoint/schema";

const periods = ["7", "30", "90"] as const;

/** By what requests may be told apart, and what each is called: two may have one name. */
const sides = {
  day: { name: "Day", key: ({ day }: Used) => day, of: ({ day }: Used) => day },
  model: {
    name: "Model",
    key: ({ id }: Used) => id,
    of: ({ name, origin }: Used) => (origin === "model" ? `${name} (served here)` : name),
  },
  person: {
    name: "Person",
    key: ({ personId }: Used) => personId ?? "",
    of: ({ by }: Used) => by ?? "nobody",
  },
  purpose: {
    name: "Purpose",
    key: ({ purpose }: Used) => purpose ?? "",
    of: ({ purpose }: Used) => (purpose ? runKinds[purpose].title : "API"),
  },
} as const;
type Side = keyof typeof sides;
const sideNames: readonly Side[] = ["day", "model", "person", "purpose"];

function total(rows: readonly Used[]) {
  const sum = (of: (row: Used) => number) => rows.reduce((so, row) => so + of(row), 0);
  return {
    requests: sum(({ requests }) => requests),
    answered: sum(({ answered }) => answered),
    input: sum(({ input }) => input),
    cached: sum(({ cached }) => cached),
    output: sum(({ output }) => output),
    cost: sum(({ cost }) => cost),
    unpriced: sum(({ unpriced }) => unpriced),
    unknownCost: sum(({ unknownCost }) => unknownCost),
  };
}
type Total = ReturnType<typeof total>;

/** Who asked which models for what, and what it took: models at endpoints, and the project's own that programs call. */
export function Usage({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [days, setDays] = useState<(typeof periods)[number]>("30");
  const [side, setSide] = useState<Side>("day");
  const { data: rows, error } = useQuery(trpc.endpoint.usage.queryOptions({ projectId, days: Number(days) }));
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Days"
          value={days}
          onChange={setDays}
          options={periods.map((value) => ({ value, label: `${value} days` }))}
        />
        <Segmented
          label="By"
          value={side}
          onChange={setSide}
          options={sideNames.map((value) => ({ value, label: sides[value].name }))}
        />
      </div>
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error.message}
        </p>
      )}
      {rows?.length === 0 && (
        <Empty icon={<Gauge />} title="No model was asked in these days">
          Here stands who asked which model for what, with tokens and cost: of endpoints, and of this
          project’s own models that programs call.
        </Empty>
      )}
      {rows && rows.length > 0 && <Tables rows={rows} side={side} />}
    </div>
  );
}

function Tables({ rows, side }: { rows: readonly Used[]; side: Side }) {
  const all = total(rows);
  const { key, of } = sides[side];
  const groups = [...new Set(rows.map(key))].map((id) => {
    const own = rows.filter((row) => key(row) === id);
    return { id, name: of(own[0]), ...total(own) };
  });
  // Days come latest first, as they are; of others the one that was asked most.
  if (side !== "day") groups.sort((a, b) => b.requests - a.requests);
  return (
    <>
      <dl className="grid grid-cols-1 gap-4 sm:grid-cols-3">
        <Figure id="usageRequests" value={amount(all.requests)} note={`${amount(all.answered)} answered`} />
        <Figure
          id="usageTokens"
          value={amount(all.input + all.output)}
          note={`${amount(all.input)} of prompts (${amount(all.cached)} cached), ${amount(all.output)} of replies`}
        />
        <Figure
          id="usageCost"
          value={costOf(all)}
          note={
            all.unknownCost > 0 ? `and at most ${dollars(all.unknownCost)} for unknown ones` : "for replies"
          }
          leftOut={all.unpriced > 0 ? [`${amount(all.unpriced)} without a price`] : []}
        />
      </dl>
      <Table label={`Use by ${sides[side].name.toLowerCase()}`}>
        <thead>
          <tr>
            <Th>{sides[side].name}</Th>
            <Th numeric aside={<FigureInfo id="usageRequests" />}>
              Requests
            </Th>
            <Th numeric>Answered</Th>
            <Th numeric aside={<FigureInfo id="usageTokens" />}>
              Prompts
            </Th>
            <Th numeric>Replies</Th>
            <Th numeric aside={<FigureInfo id="usageCost" />}>
              Cost
            </Th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Tr key={group.id}>
              <Td className="min-w-36 break-words">{group.name}</Td>
              <Td numeric>{amount(group.requests)}</Td>
              <Td numeric>{amount(group.answered)}</Td>
              <Td numeric>{amount(group.input)}</Td>
              <Td numeric>{amount(group.output)}</Td>
              <Td numeric>{costOf(group)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

const costOf = ({ cost, unpriced }: Total) => (cost === 0 && unpriced > 0 ? "—" : dollars(cost));
