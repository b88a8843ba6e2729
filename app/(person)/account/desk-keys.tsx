"use client";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { KeyList } from "@/app/components/desk/key-list";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { DeskHabitsProvider } from "@/app/components/shell/desk-habits";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";

/** The keys of the person's desks, in every project. */
export function DeskKeys() {
  const t = useTranslations("account");
  const trpc = useTRPC();
  const { data: habits } = useSuspenseQuery(trpc.person.desk.queryOptions());
  return (
    <Section title={t("keys")}>
      <div className="max-w-3xl">
        <DeskHabitsProvider habits={habits}>
          <OwnKeyboard>
            <KeyList />
          </OwnKeyboard>
        </DeskHabitsProvider>
      </div>
    </Section>
  );
}
