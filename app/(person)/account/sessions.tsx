"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";

/** Of a long self-description the two things people know: the browser and the system. */
function browserOf(agent: string): string | null {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/\d+/.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", CrOS: "ChromeOS", "Mac OS X": "macOS" };
  const parts = [browser, system].flatMap((part) => (part ? [names[part] ?? part] : []));
  return parts.join(", ") || null;
}

/** Where the person is signed in, each with a button that ends it. */
export function Sessions() {
  const t = useTranslations("account.sessions");
  const nameOf = (agent: string) => browserOf(agent) ?? t("unknown");
  const trpc = useTRPC();
  const client = useQueryClient();
  const { data: sessions } = useSuspenseQuery(trpc.session.list.queryOptions());
  const end = useMutation(
    trpc.session.end.mutationOptions({
      onSettled: () => client.invalidateQueries({ queryKey: trpc.session.list.queryKey() }),
    }),
  );
  return (
    <Section title={t("title")}>
      <Table label={t("title")}>
        <thead>
          <tr>
            <Th>{t("browser")}</Th>
            <Th>{t("address")}</Th>
            <Th>{t("began")}</Th>
            <Th>{t("lastUsed")}</Th>
            <Th>
              <span className="sr-only">{t("actions")}</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, agent, address, createdAt, seenAt, isThis }) => (
            <Tr key={id}>
              <Td className="font-medium">{nameOf(agent)}</Td>
              <Td>
                <code dir="ltr">{address}</code>
              </Td>
              <Td className="whitespace-nowrap">
                <When at={createdAt} />
              </Td>
              <Td className="whitespace-nowrap">
                <When at={seenAt} />
              </Td>
              <Td className="text-end">
                {isThis ? (
                  <Badge>{t("thisOne")}</Badge>
                ) : (
                  <Button
                    size="sm"
                    variant="ghost"
                    aria-label={t("endOf", { browser: nameOf(agent), address })}
                    onClick={() => end.mutate({ sessionId: id })}
                  >
                    {t("end")}
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
