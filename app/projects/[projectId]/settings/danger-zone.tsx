"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Project } from "@/server/project/schema";
import { Contents } from "./contents";

/** Closing a project, which can be undone, and deleting it, which cannot. */
export function DangerZone({ project }: { project: Project }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const [name, setName] = useState("");
  const isArchived = project.archivedAt !== null;
  const archive = useMutation(
    trpc.project.archive.mutationOptions({
      onSuccess: async ({ archivedAt }) => {
        toast({ title: archivedAt ? "The project is archived." : "The project is open again." });
        await client.invalidateQueries({ queryKey: trpc.project.pathKey() });
      },
    }),
  );
  const remove = useMutation(
    trpc.project.delete.mutationOptions({
      onSuccess: () => {
        router.push("/projects");
        router.refresh();
      },
    }),
  );
  const error = archive.error ?? remove.error;
  return (
    <div className="flex max-w-2xl flex-col gap-8">
      <Section title={isArchived ? "Open again" : "Archive"}>
        <p className="text-sm text-muted">
          {isArchived
            ? "Raters get tasks again. Nothing was lost."
            : "Raters get no more tasks. Everything can still be read and exported, and the project can be opened again."}
        </p>
        <Button
          className="self-start"
          busy={archive.isPending}
          onClick={() => archive.mutate({ projectId: project.id, archived: !isArchived })}
        >
          {isArchived ? "Open the project again" : "Archive the project"}
        </Button>
      </Section>
      <Section title="Delete">
        <p className="text-sm text-muted">
          Everything of this project goes, and nothing brings it back. It can no longer be read as soon as you
          delete it; its files leave the disk a few minutes later. The audit log keeps who did what and when,
          and the name of the project. What was exported, or pushed to the Hub, is not ours to delete.
        </p>
        <Contents projectId={project.id} />
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate({ projectId: project.id, name });
          }}
        >
          <Field label={`Type the name of the project: ${project.name}`}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Button
            type="submit"
            variant="danger"
            className="self-start"
            disabled={name !== project.name}
            busy={remove.isPending}
          >
            Delete the project and everything in it
          </Button>
        </form>
      </Section>
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error.message}
        </p>
      )}
    </div>
  );
}
