"use client";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { useTRPC } from "@/app/trpc/client";
import { listedKinds, runKinds } from "@/db/shape/run-kinds";
import { Kbd } from "../ui/kbd";
import type { Noun } from "./nouns";
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
      label="Go to or do something"
      overlayClassName="fixed inset-0 z-40 bg-scrim"
      contentClassName="animate-appear fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl border bg-raised text-ink shadow-pop outline-none"
    >
      <Command.Input
        value={search}
        onValueChange={setSearch}
        placeholder="Go to a page, a run, a model, another project…"
        className="h-11 w-full border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="scroll-thin max-h-[min(26rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="p-4 text-sm text-muted">Nothing is called that.</Command.Empty>
        <Command.Group heading="Pages" className={group}>
          {nouns.map(({ path, label, icon: Icon, letter }) => (
            <Command.Item
              key={path}
              value={`page ${label}`}
              onSelect={go(path ? `${home}/${path}` : home)}
              className={row}
            >
              <Icon aria-hidden="true" />
              <span className="flex-1">{label}</span>
              <Kbd>g</Kbd>
              <Kbd>{letter}</Kbd>
            </Command.Item>
          ))}
        </Command.Group>
        {checks && search.trim() !== "" && <Things projectId={project.id} go={go} />}
        <Command.Group heading="Projects" className={group}>
          {projects
            .filter(({ id }) => id !== project.id)
            .map(({ id, name }) => (
              <Item key={id} value={`project ${name} ${id}`} onSelect={go(`/projects/${id}`)}>
                {name}
              </Item>
            ))}
          <Item value="all projects" onSelect={go("/projects")}>
            All projects
          </Item>
        </Command.Group>
        <Command.Group heading="More" className={group}>
          {nouns.some(({ path }) => path === "settings") && (
            <Item value="import a file" onSelect={go(`${home}/import`)}>
              Import a file
            </Item>
          )}
          <Item value="account and tokens" onSelect={go("/account")}>
            Account and tokens
          </Item>
          <Item value="http api documentation" onSelect={go("/docs/api")}>
            HTTP API
          </Item>
          {isAdmin && (
            <>
              <Item value="administration people" onSelect={go("/admin")}>
                Administration: people
              </Item>
              <Item value="administration audit log" onSelect={go("/admin/audit")}>
                Administration: audit log
              </Item>
            </>
          )}
          {themes.map((theme) => (
            <Item
              key={theme}
              value={`theme ${theme}`}
              onSelect={() => {
                Theme.choose(theme);
                onClose();
              }}
            >
              Theme: {theme}
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
  const trpc = useTRPC();
  const home = `/projects/${projectId}`;
  const runs = useQuery(trpc.run.list.queryOptions({ projectId, kinds: listedKinds, limit: 200 }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const datasets = useQuery(trpc.dataset.list.queryOptions({ projectId }));
  return (
    <>
      <Command.Group heading="Models" className={group}>
        {models.data?.map(({ id, name }) => (
          <Item key={id} value={`model ${name} ${id}`} onSelect={go(`${home}/models/${id}`)}>
            {name}
          </Item>
        ))}
      </Command.Group>
      <Command.Group heading="Datasets" className={group}>
        {datasets.data?.map(({ id, name }) => (
          <Item key={id} value={`dataset ${name} ${id}`} onSelect={go(`${home}/datasets/${id}`)}>
            {name}
          </Item>
        ))}
      </Command.Group>
      <Command.Group heading="Newest runs" className={group}>
        {runs.data?.items.map(({ id, title, kind }) => (
          <Item key={id} value={`run ${title} ${id}`} onSelect={go(`${home}/runs/${id}`)}>
            {title} <span className="text-muted">{runKinds[kind].title}</span>
          </Item>
        ))}
      </Command.Group>
    </>
  );
}
