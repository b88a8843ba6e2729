"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { type ProjectRole, projectRoles } from "@/db/shape/people";

const roleHelp: Record<ProjectRole, string> = {
  annotator: "Judges at the desk and sees their own work.",
  reviewer: "Also sees everybody’s work, sends back, excludes and adjudicates.",
  manager: "Also imports, assigns, freezes datasets and changes the project.",
};

/** Adds somebody by their address; an admin also invites who is new here. */
export function AddMember({
  projectId,
  isAdmin,
  onClose,
  onAdded,
}: {
  projectId: string;
  isAdmin: boolean;
  onClose: () => void;
  onAdded: () => void;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<ProjectRole>("annotator");
  const [link, setLink] = useState<string | null>(null);
  const invite = useMutation(trpc.person.invite.mutationOptions());
  const add = useMutation(trpc.member.set.mutationOptions());
  const isNew = isAdmin && add.error?.data?.code === "BAD_REQUEST";
  const submit = async () => {
    const invited = isNew && name ? await invite.mutateAsync({ name, email }) : null;
    const member = await add.mutateAsync({ projectId, email, role });
    onAdded();
    if (invited) return setLink(`${window.location.origin}${invited.path}`);
    toast({ title: `${member.name} was added.` });
    onClose();
  };
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={link ? `${name} is invited` : "Add somebody to the project"}
      description={link && "Send them this link by a way you trust. It works once."}
      submit={isNew ? "Invite and add" : "Add"}
      busy={add.isPending || invite.isPending}
      hint="⏎"
      cancel
      made={link ? <CopyOnce label="Sign-in link" value={link} /> : null}
      // What went wrong is shown at the fields.
      onSubmit={() => void submit().catch(() => {})}
    >
      <Field label="E-mail" error={isNew ? null : add.error?.message}>
        {(control) => (
          <Input
            {...control}
            type="email"
            autoFocus
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      {isNew && (
        <Field
          label="Name"
          help="Nobody here has this address yet. With a name they are invited, and you get their sign-in link."
          error={invite.error?.message}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus
              required
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label="Role" help={roleHelp[role]}>
        {(control) => (
          <Select
            {...control}
            value={role}
            onChange={(event) =>
              setRole(projectRoles.find((one) => one === event.target.value) ?? "annotator")
            }
          >
            {projectRoles.toReversed().map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}
