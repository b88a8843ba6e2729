"use client";
import { useQuery } from "@tanstack/react-query";
import { FigureName } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Control as ControlReply } from "@/server/conclusion/schema";
import type { LookAddress } from "./address";
import { Cautions } from "./cautions";

type Bounds = ControlReply["groups"][number]["standings"][number]["plain"];

const bounds = ({ points, pointsLow, pointsHigh }: Bounds) =>
  points === null
    ? "—"
    : `${amount(Math.round(points))}${pointsLow === null || pointsHigh === null ? "" : ` [${amount(Math.round(pointsLow))}, ${amount(Math.round(pointsHigh))}]`}`;

/** The ranking with style held equal, beside the same without: whether somebody leads by length and layout alone. */
export function Control({ projectId, look }: { projectId: string; look: LookAddress }) {
  const trpc = useTRPC();
  const { data, failureReason } = useQuery(trpc.conclusion.control.queryOptions({ projectId, ...look }));
  return (
    <Section title={<FigureName id="styleControl" />}>
      {!data && <p className="text-sm text-muted">{failureReason?.message ?? "Reading the responses…"}</p>}
      {data?.groups.map(({ standings, features, means, cautions, method }) => (
        <div key={standings.map(({ source }) => source).join()} className="flex flex-col gap-2">
          <Table label="Points with and without style">
            <thead>
              <tr>
                <Th>Source</Th>
                <Th numeric>Points as they are</Th>
                <Th numeric>Style held equal</Th>
                {features.map(({ name }) => (
                  <Th key={name} numeric>
                    mean {name === "length" ? "length, characters" : name}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {standings.map(({ source, plain, held }, i) => (
                <Tr key={source}>
                  <Td className="whitespace-nowrap">
                    <bdi>{source}</bdi>
                  </Td>
                  <Td numeric>{bounds(plain)}</Td>
                  <Td numeric>{bounds(held)}</Td>
                  {means[i].values.map((value, f) => (
                    <Td key={features[f].name} numeric>
                      {features[f].name === "length" ? amount(Math.round(value)) : value.toFixed(2)}
                    </Td>
                  ))}
                </Tr>
              ))}
            </tbody>
          </Table>
          <ul className="text-sm">
            {features.map(({ name, effect, low, high, reason }) => (
              <li key={name}>
                {name}:{" "}
                {effect === null
                  ? (reason ?? "not known")
                  : `${effect.toFixed(2)} log-odds${low === null || high === null ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`} for a typical difference`}
              </li>
            ))}
          </ul>
          <Cautions of={cautions} />
          <p className="text-xs text-muted">{method}</p>
        </div>
      ))}
    </Section>
  );
}
