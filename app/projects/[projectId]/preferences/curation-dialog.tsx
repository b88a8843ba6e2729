"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useKeptText } from "@/app/components/thread/kept-text";
import { useToast } from "@/app/components/ui/toast";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { ReasonDialog } from "./reason-dialog";

export interface Curation {
  action: "sendBack" | "exclude" | "include";
  annotationIds: string[];
}

const words = {
  sendBack: {
    title: "Send back",
    description:
      "The rater sees the comment and judges again. Until then the judgement counts nowhere, except in versions that are frozen: those, and the models trained on them, stay as they are.",
    label: "Comment for the rater",
    done: "sent back",
  },
  exclude: {
    title: "Exclude",
    description:
      "Excluded judgements stay here and enter no later dataset version. Versions that are frozen, and the models trained on them, stay as they are. You can include them again.",
    label: "Reason",
    done: "excluded",
  },
  include: {
    title: "Include again",
    description: "From the next dataset version on they count as before.",
    label: "Reason",
    done: "included again",
  },
} as const;

/** Asks why, and does it. An exclusion can be taken back from the notice that follows. */
export function CurationDialog({
  projectId,
  curation: { action, annotationIds },
  onClose,
  onDone,
}: {
  projectId: string;
  curation: Curation;
  onClose: () => void;
  onDone: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const { title, description, label, done } = words[action];
  const undo = useMutation(
    trpc.review.include.mutationOptions({
      onSuccess: () => void client.invalidateQueries({ queryKey: trpc.review.pathKey() }),
      onError: (error) => toast({ title: error.message, tone: "bad" }),
    }),
  );
  const name = `${action} ${annotationIds.join()}`;
  const [, keepText] = useKeptText(name);
  const options = {
    onSuccess: ({ annotations }: { annotations: number }) => {
      keepText("");
      toast({
        title: `${amount(annotations)} ${annotations === 1 ? "judgement was" : "judgements were"} ${done}.`,
        ...(action === "exclude"
          ? {
              action: {
                label: "Undo",
                run: () => undo.mutate({ projectId, annotationIds, reason: "The exclusion was undone." }),
              },
            }
          : {}),
      });
      onDone();
      onClose();
    },
  };
  const sendBack = useMutation(trpc.review.sendBack.mutationOptions(options));
  const exclude = useMutation(trpc.review.exclude.mutationOptions(options));
  const include = useMutation(trpc.review.include.mutationOptions(options));
  const mutation = { sendBack, exclude, include }[action];
  return (
    <ReasonDialog
      name={name}
      title={
        annotationIds.length === 1
          ? `${title}: this judgement`
          : `${title}: ${amount(annotationIds.length)} judgements`
      }
      description={description}
      label={label}
      submit={title}
      busy={mutation.isPending}
      error={mutation.error}
      onClose={onClose}
      onReason={(reason) => mutation.mutate({ projectId, annotationIds, reason })}
    />
  );
}
