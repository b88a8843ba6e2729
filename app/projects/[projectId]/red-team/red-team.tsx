"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Segmented } from "@/app/components/ui/segmented";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Standing } from "@/server/red-team/schema";
import { Attempt } from "./attempt";
import { Begin } from "./begin";
import { Judging } from "./judging";

/** Attacks on the project's models: consent first, then attacking or judging, and a way out that is always there. */
export function RedTeam({ projectId, mayCheck }: { projectId: string; mayCheck: boolean }) {
  const t = useTranslations("redTeam");
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const options = trpc.redTeam.standing.queryOptions({ projectId });
  const { data, error } = useQuery({ ...options, refetchOnMount: "always" });
  const again = () => client.invalidateQueries({ queryKey: options.queryKey });
  const away = useMutation(trpc.redTeam.away.mutationOptions({ onSuccess: again }));
  const leave = useMutation(
    trpc.redTeam.leave.mutationOptions({
      onSuccess: async () => {
        toast({ title: t("left") });
        await again();
      },
    }),
  );
  const takesPart = data?.isOpen && data.takesPart && !data.isAway;
  return (
    <div className="scroll-thin flex min-h-0 flex-1 flex-col overflow-y-auto pb-10">
      <PageHeader
        title={t("title")}
        actions={
          <>
            {mayCheck && (
              <Button asChild>
                <Link href={`/projects/${projectId}/red-team/results`}>{t("results")}</Link>
              </Button>
            )}
            {takesPart && (
              <Button variant="primary" busy={away.isPending} onClick={() => away.mutate({ projectId })}>
                {t("away")}
              </Button>
            )}
          </>
        }
      >
        <p className="text-sm text-muted">{t("what")}</p>
      </PageHeader>
      {error && (
        <p role="alert" className="px-4 text-bad md:px-6">
          {error.message}
        </p>
      )}
      {data && !data.isOpen && <Empty title={t("closed")} />}
      {data?.isOpen && !data.takesPart && <Consent projectId={projectId} onJoined={again} />}
      {data?.isOpen && data.takesPart && data.isAway && <Away projectId={projectId} onBack={again} />}
      {takesPart && (
        <div className="flex min-w-0 flex-col gap-4 px-4 md:px-6">
          <Work projectId={projectId} standing={data} onChange={again} />
          <footer className="flex max-w-3xl flex-col gap-2 border-t pt-3 text-sm text-muted">
            <p>{t("care")}</p>
            <p className="flex flex-wrap items-center gap-x-4 gap-y-1 tabular">
              <span>{t("today", { count: data.today, cap: data.dailyCap })}</span>
              <span>
                {t("minutes", {
                  today: Math.round(data.minutes.today),
                  week: Math.round(data.minutes.week),
                })}
              </span>
              <Button
                size="sm"
                variant="ghost"
                busy={leave.isPending}
                onClick={() => leave.mutate({ projectId })}
              >
                {t("leave")}
              </Button>
            </p>
          </footer>
        </div>
      )}
    </div>
  );
}

/** Attacking or judging, whichever is chosen. */
function Work({
  projectId,
  standing,
  onChange,
}: {
  projectId: string;
  standing: Standing;
  onChange: () => Promise<unknown>;
}) {
  const t = useTranslations("redTeam");
  const [mode, setMode] = useState<"attack" | "judge">("attack");
  const { open } = standing;
  return (
    <>
      <Segmented
        label={t("modes")}
        value={mode}
        onChange={setMode}
        className="self-start"
        options={[
          { value: "attack", label: t("attack") },
          { value: "judge", label: t("judge", { count: standing.toJudge }) },
        ]}
      />
      {mode === "judge" ? (
        <Judging projectId={projectId} onChange={onChange} />
      ) : open ? (
        <Attempt key={open.id} projectId={projectId} attempt={open} onChange={onChange} />
      ) : (
        <Begin projectId={projectId} standing={standing} onBegun={onChange} />
      )}
    </>
  );
}

/** What somebody agrees to before anything is shown to them. */
function Consent({ projectId, onJoined }: { projectId: string; onJoined: () => Promise<unknown> }) {
  const t = useTranslations("redTeam");
  const trpc = useTRPC();
  const join = useMutation(trpc.redTeam.join.mutationOptions({ onSuccess: onJoined }));
  return (
    <section className="flex max-w-2xl flex-col gap-3 px-4 md:px-6">
      <h2 className="text-lg font-semibold">{t("consent.title")}</h2>
      <ul className="flex list-disc flex-col gap-1.5 ps-5">
        {(["voluntary", "content", "kept", "use", "limits"] as const).map((name) => (
          <li key={name}>{t(`consent.${name}`)}</li>
        ))}
        <li>{t("care")}</li>
      </ul>
      <Button
        variant="primary"
        className="self-start"
        busy={join.isPending}
        onClick={() => join.mutate({ projectId })}
      >
        {t("consent.agree")}
      </Button>
      {join.error && (
        <p role="alert" className="text-sm text-bad">
          {join.error.message}
        </p>
      )}
    </section>
  );
}

function Away({ projectId, onBack }: { projectId: string; onBack: () => Promise<unknown> }) {
  const t = useTranslations("redTeam");
  const trpc = useTRPC();
  const back = useMutation(trpc.redTeam.back.mutationOptions({ onSuccess: onBack }));
  return (
    <Empty
      title={t("awayTitle")}
      action={
        <Button busy={back.isPending} onClick={() => back.mutate({ projectId })}>
          {t("back")}
        </Button>
      }
    >
      {t("awayText")} {t("care")}
    </Empty>
  );
}
