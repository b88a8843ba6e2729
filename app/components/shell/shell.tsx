"use client";
import { Menu as MenuIcon, Search } from "lucide-react";
import dynamic from "next/dynamic";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useMemo, useState } from "react";
import type { ProjectRole } from "@/db/shape/people";
import { Leftovers } from "../outbox/leftovers";
import { IconButton } from "../ui/button";
import { cn } from "../ui/cn";
import { Drawer } from "../ui/dialog";
import { Kbd } from "../ui/kbd";
import { nouns } from "./nouns";
import { PersonMenu, type SignedIn } from "./person-menu";
import { type ProjectLink, ProjectSwitcher } from "./project-switcher";
import { Rail } from "./rail";
import { useGoing } from "./use-going";

/** Loaded when it is first asked for. */
const Palette = dynamic(() => import("./palette"), { ssr: false });

/**
 * The frame of every page of a project: the rail of nouns, the project switcher and the person's menu. On the desk
 * the rail shrinks to its icons, because there the text needs the room.
 */
export function Shell({
  person,
  projects,
  project,
  role,
  children,
}: {
  person: SignedIn & { personId: string };
  projects: readonly ProjectLink[];
  project: ProjectLink;
  role: ProjectRole;
  children: ReactNode;
}) {
  const t = useTranslations("shell");
  const [drawer, setDrawer] = useState(false);
  const [asking, setAsking] = useState(false);
  const narrow = usePathname().endsWith("/desk");
  const allowed = useMemo(() => nouns.flat().filter((noun) => noun.roles.includes(role)), [role]);
  const ask = () => {
    setDrawer(false);
    setAsking(true);
  };
  useGoing({ projectId: project.id, nouns: allowed, onAsk: ask, onDesk: narrow });
  return (
    <div className="flex h-dvh flex-col md:flex-row print:block print:h-auto">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        {t("skip")}
      </a>
      <aside
        className={cn(
          "hidden shrink-0 flex-col gap-3 border-e bg-sunken py-2.5 md:flex print:hidden",
          narrow ? "w-12 px-1.5" : "w-52 px-2.5",
        )}
      >
        <ProjectSwitcher projects={projects} project={project} narrow={narrow} />
        <GoTo narrow={narrow} onAsk={ask} />
        <Rail projectId={project.id} role={role} narrow={narrow} />
        <PersonMenu person={person} narrow={narrow} />
      </aside>

      <header className="flex h-11 shrink-0 items-center gap-1 border-b bg-sunken px-1.5 md:hidden print:hidden">
        <IconButton
          label={t("menu")}
          aria-haspopup="dialog"
          aria-expanded={drawer}
          onClick={() => setDrawer(true)}
        >
          <MenuIcon />
        </IconButton>
        <Drawer open={drawer} onOpenChange={setDrawer} title={<bdi>{project.name}</bdi>}>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link that is followed by a key is clicked, too */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears of its links */}
          <div
            className="flex flex-col gap-3"
            onClick={(event) => {
              if (event.target instanceof Element && event.target.closest("a")) setDrawer(false);
            }}
          >
            <GoTo narrow={false} onAsk={ask} />
            <Rail projectId={project.id} role={role} narrow={false} />
            <PersonMenu person={person} narrow={false} />
          </div>
        </Drawer>
        <ProjectSwitcher projects={projects} project={project} narrow={false} />
      </header>

      <Leftovers personId={person.personId} onDesk={narrow} />

      {asking && (
        <Palette
          projects={projects}
          project={project}
          nouns={allowed}
          isAdmin={person.isAdmin}
          onClose={() => setAsking(false)}
        />
      )}

      <main id="main" className="flex min-h-0 min-w-0 flex-1 flex-col">
        {children}
      </main>
    </div>
  );
}

function GoTo({ narrow, onAsk }: { narrow: boolean; onAsk: () => void }) {
  const t = useTranslations("shell.palette");
  return (
    <button
      type="button"
      onClick={onAsk}
      aria-label={t("open")}
      aria-keyshortcuts="Control+K Meta+K"
      title={narrow ? `${t("goTo")} (${t("keys")})` : undefined}
      className={cn(
        "touch-target flex h-7 items-center gap-2 rounded-md border text-sm text-muted hover:bg-hover hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0",
        narrow ? "w-9 justify-center" : "px-2",
      )}
    >
      <Search aria-hidden="true" />
      {!narrow && (
        <>
          <span className="flex-1 text-start">{t("goTo")}</span>
          <Kbd>{t("keys")}</Kbd>
        </>
      )}
    </button>
  );
}
