"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Touched } from "@/app/components/erasure/touched";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { consentChoices } from "@/server/erasure/schema";
import type { Person } from "@/server/people/schema";

const goes = [
  ["sessions", "Sessions"],
  ["tokens", "API tokens"],
  ["links", "Sign-in links"],
  ["accounts", "Accounts at a sign-in provider"],
  ["secondFactors", "Codes of an app"],
  ["secrets", "Keys of providers"],
  ["emailChanges", "Wishes for another address"],
  ["memberships", "Memberships"],
  ["savedViews", "Kept views of tables"],
  ["normingRemarks", "What they said of items of a norming"],
  ["redTeam", "Consents to red-teaming, and days of it"],
  ["remarks", "Remarks on judgements"],
  ["addresses", "Audit entries that say where they were"],
] as const;

const consents = {
  withdrawn: { title: "Withdrawn", means: "Later dataset versions leave their judgements out." },
  kept: { title: "Kept", means: "Their judgements count as before." },
} as const;

/** Says what erasing somebody takes and what stays, and does it when their address is typed. */
export function EraseDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [email, setEmail] = useState("");
  const [consent, setConsent] = useState<(typeof consentChoices)[number]>("withdrawn");
  const preview = useQuery(trpc.erasure.preview.queryOptions({ personId: person.id }));
  const erase = useMutation(
    trpc.erasure.person.mutationOptions({
      onSuccess: async () => {
        toast({ title: "Nothing says any more who they were." });
        await client.invalidateQueries({ queryKey: trpc.person.list.pathKey() });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`Erase ${person.name}`}
      description="Who they are goes, and nothing brings it back. What they judged stays under another name."
      submit="Erase"
      variant="danger"
      busy={erase.isPending}
      disabled={!preview.data || email.trim().toLowerCase() !== person.email.toLowerCase()}
      cancel
      error={erase.error ?? preview.error}
      onSubmit={() => erase.mutate({ personId: person.id, email, consent })}
    >
      {preview.data ? (
        <>
          <section className="flex flex-col gap-1 text-sm">
            <h3 className="font-medium">What goes</h3>
            <p className="text-muted">Name, address, password, the seats they hold, and:</p>
            <dl className="grid grid-cols-[1fr_max-content] gap-x-4 gap-y-0.5">
              {goes
                .filter(([name]) => preview.data.goes[name] > 0)
                .map(([name, title]) => (
                  <div key={name} className="contents">
                    <dt>{title}</dt>
                    <dd className="text-end tabular">{amount(preview.data.goes[name])}</dd>
                  </div>
                ))}
            </dl>
          </section>
          <section className="flex flex-col gap-2 text-sm">
            <h3 className="font-medium">What stays</h3>
            <p className="text-muted">
              Judgements with the texts in them, what the audit log says that they did, and what was made of
              their work. Copies outside, and models that learned from it, are not changed.
            </p>
            {preview.data.stays.length === 0 && <p>They have judged in no project.</p>}
            {preview.data.stays.map(({ projectId, project, pseudonym, judgements, touched, raterId }) => (
              <div key={raterId} className="flex flex-col gap-1 rounded-md border p-2">
                <p>
                  <span className="font-medium">{project}</span>: {counted(judgements, "judgement")}, from now
                  on by “{pseudonym}”
                </p>
                {touched.versions.length > 0 && <Touched projectId={projectId} touched={touched} />}
              </div>
            ))}
          </section>
          <Field label="Their consent to the use of their judgements" help={consents[consent].means}>
            {(control) => (
              <Select
                {...control}
                value={consent}
                onChange={(event) =>
                  setConsent(consentChoices.find((one) => one === event.target.value) ?? "withdrawn")
                }
              >
                {consentChoices.map((one) => (
                  <option key={one} value={one}>
                    {consents[one].title}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={`Type their address: ${person.email}`}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
        </>
      ) : (
        <p className="text-sm text-muted">Looking…</p>
      )}
    </FormDialog>
  );
}
