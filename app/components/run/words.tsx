import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/app/trpc/client";
import { Field, Input, Textarea } from "../ui/field";
import { FormDialog } from "../ui/form-dialog";
import type { Run } from "./status";

/** What a person says about a run: a note and tags. */
export function RunWords({
  projectId,
  run,
  knownTags = [],
  onClose,
}: {
  projectId: string;
  run: Pick<Run, "id" | "title" | "note" | "tags">;
  /** Tags of other runs, to be chosen from. */
  knownTags?: readonly string[];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [note, setNote] = useState(run.note);
  const [tags, setTags] = useState(run.tags.join(", "));
  const describe = useMutation(
    trpc.run.describe.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.run.pathKey() });
        onClose();
      },
    }),
  );
  const words = tags
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  const unused = knownTags.filter((tag) => !words.includes(tag));
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`Note and tags of ${run.title}`}
      submit="Save"
      busy={describe.isPending}
      error={describe.error}
      onSubmit={() => describe.mutate({ projectId, runId: run.id, note, tags: words })}
    >
      <Field label="Note" optional>
        {(control) => (
          <Textarea
            {...control}
            maxLength={10_000}
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        )}
      </Field>
      <Field
        label="Tags"
        optional
        help={
          unused.length > 0
            ? `Separated by commas. Used before: ${unused.slice(0, 12).join(", ")}.`
            : "Separated by commas."
        }
      >
        {(control) => <Input {...control} value={tags} onChange={({ target }) => setTags(target.value)} />}
      </Field>
    </FormDialog>
  );
}
