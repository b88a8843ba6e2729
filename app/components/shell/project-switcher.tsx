"use client";
import { ChevronsUpDown, LayoutGrid } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "../ui/cn";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu";

export interface ProjectLink {
  id: string;
  name: string;
}

export function ProjectSwitcher({
  projects,
  project,
  narrow,
}: {
  projects: readonly ProjectLink[];
  project: ProjectLink;
  narrow: boolean;
}) {
  const t = useTranslations("shell");
  const router = useRouter();
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t("changeProject", { name: project.name })}
          title={project.name}
          className={cn(
            "touch-target flex h-8 min-w-0 items-center gap-2 rounded-md text-sm font-semibold hover:bg-hover",
            narrow ? "w-9 justify-center" : "px-1.5",
          )}
        >
          <Mark />
          {!narrow && (
            <>
              <bdi className="min-w-0 flex-1 truncate text-start">{project.name}</bdi>
              <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-muted" />
            </>
          )}
        </button>
      }
    >
      <MenuLabel>{t("projects")}</MenuLabel>
      {projects.map((other) => (
        <MenuChoice
          key={other.id}
          chosen={other.id === project.id}
          onSelect={() => router.push(`/projects/${other.id}`)}
        >
          <bdi className="max-w-64 truncate">{other.name}</bdi>
        </MenuChoice>
      ))}
      <MenuSeparator />
      <MenuItem asChild>
        <Link href="/projects">
          <LayoutGrid aria-hidden="true" />
          {t("allProjects")}
        </Link>
      </MenuItem>
    </Menu>
  );
}

/** Two views that overlap: the sign of the house, the same as app/icon.svg. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 16" aria-hidden="true" className={cn("h-4 w-6 shrink-0 text-accent", className)}>
      <circle cx="8.5" cy="8" r="6.5" fill="none" stroke="currentColor" strokeWidth="2.5" />
      <circle cx="15.5" cy="8" r="6.5" fill="none" stroke="currentColor" strokeWidth="2.5" opacity="0.6" />
    </svg>
  );
}
