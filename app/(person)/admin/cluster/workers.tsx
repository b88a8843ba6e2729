"use client";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Badge } from "@/app/components/ui/badge";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { bytes } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";

/** Who works on runs now. */
export function Workers() {
  const trpc = useTRPC();
  const { data: workers } = useSuspenseQuery({
    ...trpc.machine.workers.queryOptions(),
    refetchInterval: 10_000,
  });
  return (
    <Section title={workers.length > 0 ? `Workers (${workers.length})` : "Workers"}>
      {workers.length === 0 ? (
        <p className="text-muted">
          No worker is connected, so runs wait. <code>npm start</code> brings one along; look at its log.
        </p>
      ) : (
        <Table label="Workers">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Engines</Th>
              <Th>Devices</Th>
              <Th className="text-end">Memory</Th>
              <Th>Connected since</Th>
            </tr>
          </thead>
          <tbody>
            {workers.map(({ id, name, capabilities, startedAt }) => (
              <Tr key={id}>
                <Td className="font-medium">{name}</Td>
                <Td>
                  <span className="flex flex-wrap gap-1">
                    {[...capabilities.engines, ...(capabilities.clusters ?? [])].map((engine) => (
                      <Badge key={engine}>{engine}</Badge>
                    ))}
                  </span>
                </Td>
                <Td>{capabilities.devices.join(", ")}</Td>
                <Td className="text-end tabular-nums">{bytes(capabilities.memoryBytes)}</Td>
                <Td>
                  <When at={startedAt} />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
