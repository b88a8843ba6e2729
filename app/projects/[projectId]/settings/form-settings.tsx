"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { FormEditor } from "@/app/components/form-editor/form-editor";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Project } from "@/server/project/schema";
import type { AppRouter } from "@/server/root";

type Version = inferRouterOutputs<AppRouter>["project"]["forms"][number];

/** The form in force, to be changed; each save is a new version, and answers given before keep their meaning. */
export function FormSettings({
  project,
  versions,
}: {
  project: Project;
  /** Newest first; a project always has one. */
  versions: readonly Version[];
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation(
    trpc.project.changeForm.mutationOptions({
      onSuccess: async ({ version }) => {
        toast({ title: `Version ${version} of the form is in force.` });
        await client.invalidateQueries({ queryKey: trpc.project.pathKey() });
      },
    }),
  );
  const [newest] = versions;
  if (!newest) return null;
  return (
    <FormEditor
      saved={newest.questions}
      version={newest.version}
      instructions={project}
      isSaving={save.isPending}
      error={save.error?.message}
      onSave={(questions) => save.mutate({ projectId: project.id, questions })}
    />
  );
}
