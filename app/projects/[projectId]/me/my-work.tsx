"use client";
import { skipToken, useQuery } from "@tanstack/react-query";
import { PenLine } from "lucide-react";
import Link from "next/link";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { languageName } from "@/app/components/ui/language";
import { useTRPC } from "@/app/trpc/client";
import { History } from "./history";
import { Pace } from "./pace";
import { Replies } from "./replies";
import { SentBack } from "./sent-back";

const never = () => () => {};
/** Only the browser knows where midnight is for its person; the server renders the page without. */
const useTimeZone = () =>
  useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => null,
  );

/** An annotator's own page: today, the pace of the last weeks, what was sent back, and everything judged. */
export function MyWork({ projectId }: { projectId: string }) {
  const t = useTranslations("me");
  const norming = useTranslations("norming");
  const redTeam = useTranslations("redTeam");
  const format = useFormatter();
  const trpc = useTRPC();
  const timeZone = useTimeZone();
  const { data } = useQuery({
    ...trpc.annotation.desk.queryOptions(timeZone ? { projectId, timeZone } : skipToken),
    refetchOnMount: "always",
  });
  const attacks = useQuery(trpc.redTeam.standing.queryOptions({ projectId }));
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-8 px-4 py-6 md:px-8">
        <header className="flex flex-wrap items-center gap-3">
          <h1 className="text-xl font-semibold">{t("title")}</h1>
          {data && <Skills languages={data.rater.languages} domains={data.rater.domains} />}
          <div className="ms-auto flex flex-wrap gap-3">
            {data?.norming && (
              <Button asChild>
                <Link href={`/projects/${projectId}/norming`}>{norming("title")}</Link>
              </Button>
            )}
            {attacks.data?.isOpen && (
              <Button asChild>
                <Link href={`/projects/${projectId}/red-team`}>{redTeam("title")}</Link>
              </Button>
            )}
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/desk`}>
                <PenLine aria-hidden="true" />
                {t("toDesk")}
              </Link>
            </Button>
          </div>
        </header>
        {data && (
          <>
            <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line md:grid-cols-4">
              <Figure label={t("today")} value={format.number(data.today)} />
              <Figure label={t("total")} value={format.number(data.total)} />
              <Figure
                label={t("median")}
                value={
                  data.medianSeconds === null
                    ? "–"
                    : t("seconds", { seconds: Math.round(data.medianSeconds) })
                }
              />
              <Figure label={t("returned")} value={format.number(data.returned)} />
            </dl>
            <Replies projectId={projectId} />
            {data.returned > 0 && <SentBack projectId={projectId} />}
            <Pace days={data.days} />
          </>
        )}
        <History projectId={projectId} />
      </div>
    </div>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex flex-col-reverse bg-surface px-4 py-3">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="text-xl font-semibold tabular">{value}</dd>
    </div>
  );
}

function Skills({ languages, domains }: { languages: readonly string[]; domains: readonly string[] }) {
  const t = useTranslations("me");
  const locale = useLocale();
  const skills = [...languages.map((tag) => languageName(tag, locale)), ...domains];
  if (skills.length === 0) return null;
  return (
    <ul aria-label={t("skills")} className="flex flex-wrap gap-1">
      {skills.map((skill) => (
        <li key={skill}>
          <Badge>{skill}</Badge>
        </li>
      ))}
    </ul>
  );
}
