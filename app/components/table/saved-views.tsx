"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "@/app/trpc/client";
import type { SavedView, ViewPage } from "@/server/saved-view/schema";
import { Button } from "../ui/button";
import { Checkbox, Field, Input } from "../ui/field";
import { FormDialog } from "../ui/form-dialog";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu";
import { useToast } from "../ui/toast";

/** What the table of a page shows now, kept under a name, and what was kept before. Its state is the page's address. */
export function SavedViews({ projectId, page }: { projectId: string; page: ViewPage }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const now = useSearchParams().toString();
  const [saving, setSaving] = useState(false);
  const views = useQuery(trpc.savedView.list.queryOptions({ projectId, page }));
  const refresh = () => client.invalidateQueries({ queryKey: trpc.savedView.pathKey() });
  const remove = useMutation(
    trpc.savedView.delete.mutationOptions({
      onSuccess: refresh,
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  const open = ({ address }: SavedView) =>
    window.history.pushState(null, "", address ? `?${address}` : window.location.pathname);
  const all = views.data ?? [];
  const shown = all.find(({ address }) => address === now);
  return (
    <>
      <Menu
        trigger={
          <Button size="sm">
            <Bookmark aria-hidden="true" />
            <span className="max-w-40 truncate">{shown?.name ?? "Views"}</span>
          </Button>
        }
      >
        {all.length > 0 && <MenuLabel>Kept views</MenuLabel>}
        {all.map((view) => (
          <MenuChoice key={view.id} chosen={view === shown} onSelect={() => open(view)}>
            <span className="max-w-64 truncate">{view.name}</span>
            {!view.own && <span className="text-xs text-muted">of {view.personName}</span>}
            {view.own && view.shared && <span className="text-xs text-muted">shared</span>}
          </MenuChoice>
        ))}
        {all.length > 0 && <MenuSeparator />}
        <MenuItem onSelect={() => setSaving(true)}>Keep this view…</MenuItem>
        {shown?.own && (
          <MenuItem onSelect={() => remove.mutate({ projectId, viewId: shown.id })}>
            Delete “{shown.name}”
          </MenuItem>
        )}
      </Menu>
      {saving && (
        <KeepView
          projectId={projectId}
          page={page}
          address={now}
          taken={all.filter(({ own }) => own).map(({ name }) => name)}
          onClose={() => setSaving(false)}
          onKept={() => void refresh()}
        />
      )}
    </>
  );
}

function KeepView({
  projectId,
  page,
  address,
  taken,
  onClose,
  onKept,
}: {
  projectId: string;
  page: ViewPage;
  address: string;
  /** Names of one's own views. */
  taken: readonly string[];
  onClose: () => void;
  onKept: () => void;
}) {
  const trpc = useTRPC();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation(
    trpc.savedView.save.mutationOptions({
      onSuccess: () => {
        onKept();
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Keep this view"
      description="Columns, filters and sorting, as the page shows them now."
      submit={taken.includes(name.trim()) ? "Replace view" : "Keep view"}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ projectId, page, name, address, shared })}
    >
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            required
            autoFocus
            maxLength={80}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <Field label="Everybody in the project sees it" help="Managers and reviewers.">
        {(control) => (
          <Checkbox {...control} checked={shared} onCheckedChange={(on) => setShared(on === true)} />
        )}
      </Field>
    </FormDialog>
  );
}
