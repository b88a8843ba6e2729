"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";

/** Of a long self-description the two things people know: the browser and the system. */
function browserOf(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/\d+/.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", CrOS: "ChromeOS", "Mac OS X": "macOS" };
  const parts = [browser, system].flatMap((part) => (part ? [names[part] ?? part] : []));
  return parts.join(", ") || "Unknown";
}

/** Where the person is signed in, each with a button that ends it. */
export function Sessions() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { data: sessions } = useSuspenseQuery(trpc.session.list.queryOptions());
  const end = useMutation(
    trpc.session.end.mutationOptions({
      onSettled: () => client.invalidateQueries({ queryKey: trpc.session.list.queryKey() }),
    }),
  );
  return (
    <Section title="Sessions">
      <Table label="Sessions">
        <thead>
          <tr>
            <Th>Browser</Th>
            <Th>Address</Th>
            <Th>Began</Th>
            <Th>Last used</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, agent, address, createdAt, seenAt, isThis }) => (
            <Tr key={id}>
              <Td className="font-medium">{browserOf(agent)}</Td>
              <Td>
                <code>{address}</code>
              </Td>
              <Td>
                <When at={createdAt} />
              </Td>
              <Td>
                <When at={seenAt} />
              </Td>
              <Td className="text-end">
                {isThis ? (
                  <Badge>this one</Badge>
                ) : (
                  <Button
                    size="sm"
                    variant="ghost"
                    aria-label={`End the session of ${browserOf(agent)} at ${address}`}
                    onClick={() => end.mutate({ sessionId: id })}
                  >
                    End
                  </Button>
                )}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
