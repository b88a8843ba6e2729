"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Remarks } from "@/app/components/thread/remarks";
import { Button } from "@/app/components/ui/button";
import { useTRPC } from "@/app/trpc/client";

/** What a reviewer wants done again, with the reason. */
export function SentBack({ projectId }: { projectId: string }) {
  const t = useTranslations("me");
  const trpc = useTRPC();
  const { data } = useQuery({
    ...trpc.annotation.history.queryOptions({ projectId, state: "returned" }),
    refetchOnMount: "always",
  });
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-label={t("history.returned")} className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold">{t("returned")}</h2>
      <ul className="divide-y rounded-lg border border-warn bg-surface">
        {data.items.map((row) => (
          <li key={row.assignmentId} className="flex items-start gap-4 px-4 py-2.5">
            <div className="min-w-0 flex-1">
              <p dir="auto" className="font-medium">
                {row.returnComment}
              </p>
              <p dir="auto" className="truncate text-sm text-muted">
                {row.excerpt}
              </p>
              <Remarks projectId={projectId} assignmentId={row.assignmentId} label={t("answerReviewer")} />
            </div>
            <Button asChild>
              <Link href={`/projects/${projectId}/desk?seat=${row.assignmentId}`}>{t("again")}</Link>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
