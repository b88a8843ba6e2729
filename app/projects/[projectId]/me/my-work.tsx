"use client";
import { skipToken, useQuery } from "@tanstack/react-query";
import { PenLine } from "lucide-react";
import Link from "next/link";
import { useSyncExternalStore } from "react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
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
  const trpc = useTRPC();
  const timeZone = useTimeZone();
  const { data } = useQuery({
    ...trpc.annotation.desk.queryOptions(timeZone ? { projectId, timeZone } : skipToken),
    refetchOnMount: "always",
  });
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-8 px-4 py-6 md:px-8">
        <header className="flex flex-wrap items-center gap-3">
          <h1 className="text-xl font-semibold">My work</h1>
          {data && <Skills languages={data.rater.languages} domains={data.rater.domains} />}
          <Button asChild variant="primary" className="ms-auto">
            <Link href={`/projects/${projectId}/desk`}>
              <PenLine aria-hidden="true" />
              To the desk
            </Link>
          </Button>
        </header>
        {data && (
          <>
            <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line md:grid-cols-4">
              <Figure label="Judged today" value={String(data.today)} />
              <Figure label="Judged in all" value={data.total.toLocaleString("en")} />
              <Figure
                label="Median time in view"
                value={data.medianSeconds === null ? "–" : `${Math.round(data.medianSeconds)} s`}
              />
              <Figure label="Sent back to you" value={String(data.returned)} />
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
  const names = new Intl.DisplayNames("en", { type: "language" });
  const skills = [...languages.map((tag) => names.of(tag) ?? tag), ...domains];
  if (skills.length === 0) return null;
  return (
    <ul aria-label="You get tasks in" className="flex flex-wrap gap-1">
      {skills.map((skill) => (
        <li key={skill}>
          <Badge>{skill}</Badge>
        </li>
      ))}
    </ul>
  );
}
