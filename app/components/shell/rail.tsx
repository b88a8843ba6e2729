"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ProjectRole } from "@/db/shape/people";
import { cn } from "../ui/cn";
import { hrefOf, nouns } from "./nouns";

export function Rail({ projectId, role, narrow }: { projectId: string; role: ProjectRole; narrow: boolean }) {
  const t = useTranslations("shell");
  const here = usePathname();
  return (
    <nav aria-label={t("project")} className="scroll-thin flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto">
      {nouns.map((group) => {
        const allowed = group.filter((noun) => noun.roles.includes(role));
        if (allowed.length === 0) return null;
        return (
          <ul key={group[0]?.path} className="flex flex-col gap-px">
            {allowed.map((noun) => {
              const { path, name, icon: Icon } = noun;
              const label = t(`nouns.${name}`);
              const href = hrefOf(projectId, noun);
              const current = here === href || (path !== "" && here.startsWith(`${href}/`));
              return (
                <li key={path}>
                  <Link
                    href={href}
                    // Eleven pages for every page view would be most of the server's work.
                    prefetch={false}
                    aria-current={current ? "page" : undefined}
                    aria-label={narrow ? label : undefined}
                    title={narrow ? label : undefined}
                    className={cn(
                      "touch-target flex h-7 items-center gap-2 rounded-md text-sm text-muted hover:bg-hover hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0",
                      narrow ? "w-9 justify-center" : "px-2",
                      current && "bg-hover font-medium text-ink",
                    )}
                  >
                    <Icon aria-hidden="true" />
                    {!narrow && label}
                  </Link>
                </li>
              );
            })}
          </ul>
        );
      })}
    </nav>
  );
}
