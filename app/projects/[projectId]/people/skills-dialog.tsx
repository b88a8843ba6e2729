"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { languageName } from "@/app/components/ui/language";
import { useTRPC } from "@/app/trpc/client";
import type { Rater } from "@/server/rater/schema";

const listOf = (text: string) =>
  text
    .split(/[,\s]*,[,\s]*|\n/)
    .map((item) => item.trim())
    .filter(Boolean);

/** Which prompts a rater may be given. */
export function SkillsDialog({
  projectId,
  rater,
  onClose,
  onSaved,
}: {
  projectId: string;
  rater: Rater;
  onClose: () => void;
  onSaved: () => void;
}) {
  const trpc = useTRPC();
  const [languages, setLanguages] = useState(rater.languages.join(", "));
  const [domains, setDomains] = useState(rater.domains.join(", "));
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const save = useMutation(
    trpc.rater.setSkills.mutationOptions({
      onSuccess: () => {
        onSaved();
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`What ${rater.name} judges`}
      description="Only prompts of these languages and domains are given to this rater. An empty field means any."
      submit="Save"
      busy={save.isPending}
      hint="⏎"
      cancel
      error={save.error}
      onSubmit={() => {
        save.mutate({
          projectId,
          raterId: rater.id,
          languages: listOf(languages),
          domains: listOf(domains),
        });
      }}
    >
      <ListField
        label="Languages"
        help="Tags with commas between, such as en, ar, pt-BR."
        value={languages}
        onChange={setLanguages}
        offered={(facets.data?.languages ?? []).map(({ value }) => ({ value, label: languageName(value) }))}
      />
      <ListField
        label="Domains"
        help="As the prompts name them, with commas between."
        value={domains}
        onChange={setDomains}
        offered={(facets.data?.domains ?? []).map(({ value }) => ({ value, label: value }))}
      />
    </FormDialog>
  );
}

function ListField({
  label,
  help,
  value,
  onChange,
  offered,
}: {
  label: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
  /** What occurs in the project, to be added by a click. */
  offered: readonly { value: string; label: string }[];
}) {
  const chosen = listOf(value);
  return (
    <div className="flex flex-col gap-1.5">
      <Field label={label} help={help}>
        {(control) => <Input {...control} value={value} onChange={(event) => onChange(event.target.value)} />}
      </Field>
      <div className="flex flex-wrap gap-1">
        {offered
          .filter((item) => !chosen.includes(item.value))
          .slice(0, 24)
          .map((item) => (
            <Button
              key={item.value}
              size="sm"
              variant="ghost"
              className="h-6 text-xs"
              onClick={() => onChange([...chosen, item.value].join(", "))}
            >
              + {item.label}
            </Button>
          ))}
      </div>
    </div>
  );
}
