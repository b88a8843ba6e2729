"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { RaterChoice } from "./rater-choice";

export type TaskAction = "priority" | "reserve" | "withdraw";

const words = {
  priority: {
    title: "Priority of",
    description: "Tasks with a higher priority are given out first.",
    button: "Set the priority",
    done: "have the new priority",
  },
  reserve: {
    title: "Assign",
    description: "Open seats are kept for the raters named here, one seat each.",
    button: "Assign",
    done: "are assigned",
  },
  withdraw: {
    title: "Withdraw",
    description: "No more judgements are wanted of them. Those that were given stay and count.",
    button: "Withdraw",
    done: "are withdrawn",
  },
} as const;

/** One change to all ticked tasks. */
export function TaskActionDialog({
  projectId,
  action,
  taskIds,
  onClose,
  onDone,
}: {
  projectId: string;
  action: TaskAction;
  taskIds: string[];
  onClose: () => void;
  onDone: () => void;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const [priority, setPriority] = useState("1");
  const [raterIds, setRaterIds] = useState<readonly string[]>([]);
  const { title, description, button, done } = words[action];
  const options = {
    onSuccess: ({ tasks }: { tasks: number }) => {
      toast({ title: `${counted(tasks, "task")} ${done}.` });
      onDone();
      onClose();
    },
  };
  const setPriorities = useMutation(trpc.task.setPriority.mutationOptions(options));
  const reserve = useMutation(trpc.task.reserve.mutationOptions(options));
  const withdraw = useMutation(trpc.task.withdraw.mutationOptions(options));
  const { error, isPending } = { priority: setPriorities, reserve, withdraw }[action];
  const act = () => {
    switch (action) {
      case "priority":
        return setPriorities.mutate({ projectId, taskIds, priority: Number(priority) || 0 });
      case "reserve":
        return reserve.mutate({ projectId, taskIds, raterIds: [...raterIds] });
      case "withdraw":
        return withdraw.mutate({ projectId, taskIds });
    }
  };
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`${title} ${counted(taskIds.length, "task")}`}
      description={description}
      submit={button}
      busy={isPending}
      hint="⏎"
      cancel
      error={error}
      onSubmit={act}
    >
      {action === "priority" && (
        <Field label="Priority" help="From −1000 to 1000; 0 is the usual one.">
          {(control) => (
            <Input
              {...control}
              autoFocus
              type="number"
              min={-1000}
              max={1000}
              required
              value={priority}
              onChange={(event) => setPriority(event.target.value)}
              className="w-28"
            />
          )}
        </Field>
      )}
      {action === "reserve" && (
        <RaterChoice
          projectId={projectId}
          label="Raters"
          help="Choose nobody to open reserved seats to everyone again."
          chosen={raterIds}
          onChange={setRaterIds}
        />
      )}
    </FormDialog>
  );
}
