"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";
import { hazards } from "@/db/shape/harm";
import { tactics } from "@/db/shape/red-team";
import type { Standing } from "@/server/red-team/schema";
import { useHarmWords } from "./use-harm-words";

/** What somebody sets out to do: how, what kind of harm, and what the model is wanted to do. */
export function Begin({
  projectId,
  standing,
  onBegun,
}: {
  projectId: string;
  standing: Standing;
  onBegun: () => Promise<unknown>;
}) {
  const t = useTranslations("redTeam");
  const harmWords = useHarmWords();
  const trpc = useTRPC();
  const [tactic, setTactic] = useState<(typeof tactics)[number]>("direct");
  const [note, setNote] = useState("");
  const [harm, setHarm] = useState<(typeof hazards)[number]>("other");
  const [wanted, setWanted] = useState("");
  const begin = useMutation(trpc.redTeam.begin.mutationOptions({ onSuccess: onBegun }));
  if (!standing.hasModels) return <Empty title={t("noModels")} />;
  if (standing.today >= standing.dailyCap) return <Empty title={t("capReached")}>{t("care")}</Empty>;
  return (
    <form
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate({ projectId, tactic, tacticNote: note, harm, wanted });
      }}
    >
      <Field label={t("wanted")} help={t("wantedHelp")}>
        {(control) => (
          <Textarea
            {...control}
            required
            rows={2}
            maxLength={2000}
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
          />
        )}
      </Field>
      <Field label={t("tactic")} help={t(`tactics.${tactic}.what`)}>
        {(control) => (
          <Select
            {...control}
            value={tactic}
            onChange={({ target }) => setTactic(tactics.find((one) => one === target.value) ?? "other")}
          >
            {tactics.map((name) => (
              <option key={name} value={name}>
                {t(`tactics.${name}.name`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t("tacticNote")} optional={tactic !== "other"}>
        {(control) => (
          <Textarea
            {...control}
            required={tactic === "other"}
            className="min-h-10"
            rows={1}
            maxLength={1000}
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        )}
      </Field>
      <Field label={t("harm")}>
        {(control) => (
          <Select
            {...control}
            value={harm}
            onChange={({ target }) => setHarm(hazards.find((one) => one === target.value) ?? "other")}
          >
            {hazards.map((code) => (
              <option key={code} value={code}>
                {harmWords(code)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" busy={begin.isPending}>
          {t("begin")}
        </Button>
        <p className="text-sm text-muted">{t("blind")}</p>
      </div>
      {begin.error && (
        <p role="alert" className="text-sm text-bad">
          {begin.error.message}
        </p>
      )}
    </form>
  );
}
