"use client";
import { useMutation } from "@tanstack/react-query";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { Member } from "./participants";

export function RemoveDialog({
  projectId,
  member,
  onClose,
  onRemoved,
}: {
  projectId: string;
  member: Member;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.member.remove.mutationOptions({
      onSuccess: () => {
        onRemoved();
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${member.name} from the project?`}
      description="They can no longer open it. What they judged stays."
      submit="Remove"
      variant="danger"
      busy={remove.isPending}
      cancel
      error={remove.error}
      onSubmit={() => remove.mutate({ projectId, personId: member.personId })}
    />
  );
}
