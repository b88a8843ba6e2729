"use client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
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
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${member.name} from the project?`}
      description="They can no longer open it. What they judged stays."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ projectId, personId: member.personId })}
          >
            Remove
          </Button>
        </>
      }
    >
      {remove.error && (
        <p role="alert" className="text-sm text-bad">
          {remove.error.message}
        </p>
      )}
    </Dialog>
  );
}
