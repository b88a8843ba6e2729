import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Field, Input } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC } from "@/app/trpc/client";

/** Where an export goes: files to download, or a repository on the Hugging Face Hub. */
export function useDestination() {
  const trpc = useTRPC();
  const [target, setTarget] = useState<"files" | "hub">("files");
  const [repository, setRepository] = useState("");
  const secrets = useQuery(trpc.secret.list.queryOptions(undefined, { enabled: target === "hub" }));
  const lacksToken = secrets.data?.every(({ name }) => name !== "huggingface") ?? false;
  return {
    target,
    setTarget,
    repository,
    setRepository,
    lacksToken,
    isRefused: target === "hub" && lacksToken,
    submit: target === "files" ? "Write files" : "Push to the Hub",
  };
}

export function DestinationFields({
  destination: { target, setTarget, repository, setRepository, lacksToken },
}: {
  destination: ReturnType<typeof useDestination>;
}) {
  return (
    <>
      <Segmented
        label="Where to"
        value={target}
        onChange={setTarget}
        options={[
          { value: "files", label: "Files to download" },
          { value: "hub", label: "Hugging Face Hub" },
        ]}
        className="self-start"
      />
      {target === "hub" && (
        <Field
          label="Repository"
          help={
            lacksToken ? (
              <>
                Store a token with write access under{" "}
                <Link href="/account" className="text-accent underline">
                  Account
                </Link>{" "}
                first.
              </>
            ) : (
              "owner/name; made as a private repository if it does not exist."
            )
          }
        >
          {(control) => (
            <Input
              {...control}
              required
              pattern="[\w.\-]+/[\w.\-]+"
              value={repository}
              onChange={({ target }) => setRepository(target.value)}
            />
          )}
        </Field>
      )}
    </>
  );
}

export function LicenceField({ value, onChange }: { value: string; onChange: (licence: string) => void }) {
  return (
    <Field label="Licence" help="An SPDX or Hub licence id, such as cc-by-4.0.">
      {(control) => (
        <Input {...control} required value={value} onChange={({ target }) => onChange(target.value)} />
      )}
    </Field>
  );
}
