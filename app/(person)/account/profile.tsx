"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";

export function Profile() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const [name, setName] = useState(me.name);
  const save = useMutation(
    trpc.person.updateProfile.mutationOptions({
      onSuccess: (person) => {
        client.setQueryData(trpc.person.me.queryKey(), person);
        toast({ title: "Saved" });
        // The menu shows the name, and the server renders it.
        router.refresh();
      },
    }),
  );
  return (
    <Section title="You">
      <form
        className="flex max-w-sm flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ name });
        }}
      >
        <Field label="Name" error={save.error?.message}>
          {(control) => (
            <Input
              {...control}
              required
              maxLength={200}
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" className="self-start" busy={save.isPending}>
          Save
        </Button>
      </form>
    </Section>
  );
}
