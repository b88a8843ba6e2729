"use client";
import { useMutation } from "@tanstack/react-query";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Rater } from "@/server/rater/schema";
import { TouchedWork } from "./touched-work";

/** A rater may withdraw consent: later dataset versions leave their work out, and what was made of it is named. */
export function ConsentDialog({
  projectId,
  rater,
  onClose,
  onChanged,
}: {
  projectId: string;
  rater: Rater;
  onClose: () => void;
  onChanged: () => void;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const withdrawn = rater.consentWithdrawnAt === null;
  const change = useMutation(
    trpc.model.setConsent.mutationOptions({
      onSuccess: ({ versions, models }) => {
        toast({
          title: withdrawn ? "Their work enters no later dataset version." : "Their work counts again.",
          detail:
            versions.length + models.length > 0
              ? `It is part of ${versions.length} frozen versions and ${models.length} models.`
              : undefined,
        });
        onChanged();
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={withdrawn ? `${rater.name} withdrew consent` : `${rater.name} gave consent again`}
      description={
        withdrawn
          ? "Later dataset versions leave their judgements out. Versions that are frozen stay as they are, and so do the models that came from them."
          : "Their judgements count again in later dataset versions."
      }
      submit={withdrawn ? "Leave their work out" : "Count it again"}
      busy={change.isPending}
      cancel
      error={change.error}
      onSubmit={() => change.mutate({ projectId, raterId: rater.id, withdrawn })}
    >
      <TouchedWork projectId={projectId} raterId={rater.id} />
    </FormDialog>
  );
}
