"use client";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { cn } from "@/app/components/ui/cn";

const PARTS = [
  { path: "", label: "Leaderboard" },
  { path: "/plan", label: "Plan and stop" },
  { path: "/report", label: "Report" },
];

/** The top of the pages of conclusions, and the way from one to another with the same votes in view. */
export function ConclusionsHeader({ projectId, actions }: { projectId: string; actions?: ReactNode }) {
  const here = usePathname();
  const parameters = useSearchParams();
  const look = new URLSearchParams(
    ["questionId", "language", "domain"].flatMap((name) => {
      const value = parameters.get(name);
      return value ? [[name, value]] : [];
    }),
  ).toString();
  const home = `/projects/${projectId}/conclusions`;
  return (
    <div className="print:hidden">
      <PageHeader title="Conclusions" actions={actions} />
      <nav aria-label="Conclusions" className="flex gap-4 border-b px-4 md:px-6">
        {PARTS.map(({ path, label }) => {
          const isHere = here === home + path;
          return (
            <Link
              key={path}
              href={`${home}${path}${look && `?${look}`}`}
              aria-current={isHere ? "page" : undefined}
              className={cn(
                "touch-target -mb-px border-b-2 border-transparent py-1.5 text-sm font-medium text-muted hover:text-ink",
                isHere && "border-accent text-ink",
              )}
            >
              {label}
            </Link>
          );
        })}
      </nav>
    </div>
  );
}
