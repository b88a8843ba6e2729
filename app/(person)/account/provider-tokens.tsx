"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import { type SecretName, secretNames } from "@/server/secret/schema";

const TITLES: Record<SecretName, string> = { huggingface: "Hugging Face" };

/** Tokens of other services, which are stored encrypted and never shown again. */
export function ProviderTokens() {
  return (
    <Section title="Tokens of other services">
      <p className="text-muted">Stored encrypted, and used only for what you start.</p>
      {secretNames.map((name) => (
        <ProviderToken key={name} name={name} />
      ))}
    </Section>
  );
}

function ProviderToken({ name }: { name: SecretName }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [value, setValue] = useState("");
  const { data: secrets } = useSuspenseQuery(trpc.secret.list.queryOptions());
  const stored = secrets.find((secret) => secret.name === name);
  const options = {
    onSuccess: () => {
      setValue("");
      return client.invalidateQueries({ queryKey: trpc.secret.list.queryKey() });
    },
  };
  const store = useMutation(trpc.secret.store.mutationOptions(options));
  const forget = useMutation(trpc.secret.forget.mutationOptions(options));
  return (
    <form
      className="flex max-w-xl flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        store.mutate({ name, value });
      }}
    >
      <Field
        label={TITLES[name]}
        className="min-w-60 flex-1"
        help={
          stored ? (
            <>
              Stored <When at={stored.updatedAt ?? stored.createdAt} />.
            </>
          ) : (
            "Not stored."
          )
        }
        error={store.error?.message}
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="off"
            required
            placeholder={stored ? "Replace it" : undefined}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
      <div className="flex gap-2 pb-5">
        <Button type="submit" busy={store.isPending}>
          Store
        </Button>
        {stored && (
          <Button variant="ghost" busy={forget.isPending} onClick={() => forget.mutate({ name })}>
            Forget
          </Button>
        )}
      </div>
    </form>
  );
}
