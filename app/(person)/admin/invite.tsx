"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Button } from "@/app/components/ui/button";
import { Checkbox, Field, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import { type Invitee, inviteesIn, letterTo } from "./invitees";

interface Invited extends Invitee {
  /** What came of it: a link to send, or why there is none. */
  made: { link: string; expiresAt: Date } | { problem: string };
}

/** Adds people and shows the links to send them. */
export function Invite({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const api = useTRPCClient();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [isAdmin, setIsAdmin] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const invite = useMutation({
    mutationFn: async (people: readonly Invitee[]) => {
      const invited: Invited[] = [];
      for (const person of people)
        invited.push({
          ...person,
          made: await api.person.invite.mutate({ ...person, isAdmin }).then(
            ({ path, expiresAt }) => ({ link: new URL(path, location.href).href, expiresAt }),
            (error: Error) => ({ problem: error.message }),
          ),
        });
      return invited;
    },
    onSettled: () => client.invalidateQueries({ queryKey: trpc.person.list.pathKey() }),
  });
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    invite.reset();
    setText("");
    setIsAdmin(false);
    setProblems([]);
  };
  const known = inviteesIn(text).people.length;
  return (
    <FormDialog
      open={open}
      onOpenChange={close}
      title="Invite people"
      description="Each gets a link of their own, for you to send. It works once, within a week."
      submit={known > 1 ? `Make ${known} links` : "Make link"}
      busy={invite.isPending}
      made={invite.data ? <Links invited={invite.data} /> : null}
      onSubmit={() => {
        const asked = inviteesIn(text);
        setProblems(asked.problems);
        if (asked.people.length > 0) invite.mutate(asked.people);
      }}
    >
      <Field
        label="Names and e-mail addresses"
        help="One person a line: Ada Lovelace <ada@example.org>. Lines of a spreadsheet do as well."
        error={problems.length > 0 ? problems.join(" ") : null}
      >
        {(control) => (
          <Textarea
            {...control}
            required
            rows={4}
            maxLength={50_000}
            placeholder="Ada Lovelace <ada@example.org>"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      <Field label={known > 1 ? "Admins of this instance" : "Admin of this instance"}>
        {(control) => (
          <Checkbox
            {...control}
            checked={isAdmin}
            onCheckedChange={(checked) => setIsAdmin(checked === true)}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function Links({ invited }: { invited: readonly Invited[] }) {
  const failed = invited.filter(({ made }) => "problem" in made).length;
  return (
    <div className="flex flex-col gap-4">
      {failed > 0 && (
        <p role="alert" className="text-sm text-bad">
          {failed === invited.length
            ? "Nobody was invited."
            : `${failed} of ${invited.length} could not be invited; the others were.`}
        </p>
      )}
      {invited.map(({ made, ...person }) =>
        "problem" in made ? (
          <p key={person.email} className="text-sm text-bad">
            {person.name}: {made.problem}
          </p>
        ) : (
          <div key={person.email} className="flex flex-col gap-1">
            <CopyOnce label={`Link for ${person.name}`} value={made.link} />
            <p className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
              <span>Works until {made.expiresAt.toLocaleString()}.</span>
              <Button asChild size="sm" className="max-w-full">
                <a href={letterTo(person, made)}>
                  <Mail aria-hidden="true" className="shrink-0" />
                  <span className="truncate">Write to {person.email}</span>
                </a>
              </Button>
            </p>
          </div>
        ),
      )}
    </div>
  );
}
