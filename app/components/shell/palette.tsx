"use client";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { useTRPC } from "@/app/trpc/client";
import { listedKinds, runKinds } from "@/db/shape/run-kinds";
import { Kbd } from "../ui/kbd";
import { hrefOf, type Noun } from "./nouns";
import type { ProjectLink } from "./project-switcher";
import { Theme, themes } from "./theme";

const row =
  "flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:text-muted";
const group =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted";

/** Everything that can be gone to or done from anywhere, found by a few letters of its name. */
export default function Palette({
  projects,
  project,
  nouns,
  isAdmin,
  onClose,
}: {
  projects: readonly ProjectLink[];
  project: ProjectLink;
  /** Pages of the project that the person may see. */
  nouns: readonly Noun[];
  isAdmin: boolean;
  onClose: () => void;
}) {
  const t = useTranslations("shell");
  const router = useRouter();
  const [search, setSearch] = useState("");
  const home = `/projects/${project.id}`;
  const go = (path: string) => () => {
    onClose();
    router.push(path);
  };
  const checks = nouns.some(({ path }) => path === "runs");
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label={t("palette.open")}
      overlayClassName="fixed inset-0 z-40 bg-scrim"
      contentClassName="animate-appear fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl border bg-raised text-ink shadow-pop outline-none"
    >
      <Command.Input
        value={search}
        onValueChange={setSearch}
        placeholder={t("palette.placeholder")}
        className="h-11 w-full border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="scroll-thin max-h-[min(26rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="p-4 text-sm text-muted">{t("palette.empty")}</Command.Empty>
        <Command.Group heading={t("palette.pages")} className={group}>
          {nouns.map((noun) => (
            <Command.Item
              key={noun.path}
              value={`page ${noun.name} ${t(`nouns.${noun.name}`)}`}
              onSelect={go(hrefOf(project.id, noun))}
              className={row}
            >
              <noun.icon aria-hidden="true" />
              <span className="flex-1">{t(`nouns.${noun.name}`)}</span>
              <Kbd>g</Kbd>
              <Kbd>{noun.letter}</Kbd>
            </Command.Item>
          ))}
        </Command.Group>
        {checks && search.trim() !== "" && <Things projectId={project.id} go={go} />}
        <Command.Group heading={t("projects")} className={group}>
          {projects
            .filter(({ id }) => id !== project.id)
            .map(({ id, name }) => (
              <Item key={id} value={`project ${name} ${id}`} onSelect={go(`/projects/${id}`)}>
                {name}
              </Item>
            ))}
          <Item value={`all projects ${t("allProjects")}`} onSelect={go("/projects")}>
            {t("allProjects")}
          </Item>
        </Command.Group>
        <Command.Group heading={t("palette.more")} className={group}>
          {nouns.some(({ path }) => path === "settings") && (
            <Item value={`import a file ${t("palette.importFile")}`} onSelect={go(`${home}/import`)}>
              {t("palette.importFile")}
            </Item>
          )}
          <Item value={`account and tokens ${t("account")}`} onSelect={go("/account")}>
            {t("account")}
          </Item>
          <Item value="http api documentation" onSelect={go("/docs/api")}>
            HTTP API
          </Item>
          {isAdmin && (
            <>
              <Item value={`administration people ${t("palette.people")}`} onSelect={go("/admin")}>
                {t("palette.people")}
              </Item>
              <Item value={`administration audit log ${t("palette.audit")}`} onSelect={go("/admin/audit")}>
                {t("palette.audit")}
              </Item>
            </>
          )}
          {themes.map((theme) => (
            <Item
              key={theme}
              value={`theme ${theme} ${t(`themes.${theme}`)}`}
              onSelect={() => {
                Theme.choose(theme);
                onClose();
              }}
            >
              {t("palette.themeIs", { theme: t(`themes.${theme}`) })}
            </Item>
          ))}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}

function Item({ children, ...of }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item {...of} className={row}>
      <span className="truncate">{children}</span>
    </Command.Item>
  );
}

/** Runs, models and datasets of the project by name; asked for with the first letter. */
function Things({ projectId, go }: { projectId: string; go: (path: string) => () => void }) {
  const t = useTranslations("shell");
  const trpc = useTRPC();
  const home = `/projects/${projectId}`;
  const runs = useQuery(trpc.run.list.queryOptions({ projectId, kinds: listedKinds, limit: 200 }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const datasets = useQuery(trpc.dataset.list.queryOptions({ projectId }));
  return (
    <>
      <Command.Group heading={t("nouns.models")} className={group}>
        {models.data?.map(({ id, name }) => (
          <Item key={id} value={`model ${name} ${id}`} onSelect={go(`${home}/models/${id}`)}>
            {name}
          </Item>
        ))}
      </Command.Group>
      <Command.Group heading={t("nouns.datasets")} className={group}>
        {datasets.data?.map(({ id, name }) => (
          <Item key={id} value={`dataset ${name} ${id}`} onSelect={go(`${home}/datasets/${id}`)}>
            {name}
          </Item>
        ))}
      </Command.Group>
      <Command.Group heading={t("palette.newestRuns")} className={group}>
        {runs.data?.items.map(({ id, title, kind }) => (
          <Item key={id} value={`run ${title} ${id}`} onSelect={go(`${home}/runs/${id}`)}>
            {title} <span className="text-muted">{runKinds[kind].title}</span>
          </Item>
        ))}
      </Command.Group>
    </>
  );
}
