"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { encode } from "uqr";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { CurrentPassword } from "./current-password";

/** Codes of an app, asked for beside the password. */
export function SecondFactor() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const { data: factor } = useSuspenseQuery(trpc.person.hasSecondFactor.queryOptions());
  const [currentPassword, setCurrentPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation(trpc.person.beginSecondFactor.mutationOptions());
  const options = {
    onSuccess: () => {
      begin.reset();
      setCode("");
      setCurrentPassword("");
      return client.invalidateQueries({ queryKey: trpc.person.hasSecondFactor.queryKey() });
    },
  };
  const add = useMutation(trpc.person.addSecondFactor.mutationOptions(options));
  const remove = useMutation(trpc.person.removeSecondFactor.mutationOptions(options));
  const asked = factor.active ? remove : begin;
  return (
    <Section title="Codes for signing in">
      <p className="text-muted">
        {factor.active
          ? "Signing in by password asks for a code of your app, too."
          : "With an app that makes codes, your password alone signs nobody in."}
      </p>
      {begin.data ? (
        <form
          className="flex max-w-sm flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ code });
          }}
        >
          <p>Scan this with the app, or type the key into it. Then type the code that it shows.</p>
          <Code text={begin.data.uri} />
          <code className="break-all">{begin.data.secret}</code>
          <Field label="Code" error={add.error?.message}>
            {(control) => (
              <Input
                {...control}
                required
                autoFocus
                inputMode="numeric"
                autoComplete="one-time-code"
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" variant="primary" className="self-start" busy={add.isPending}>
            Ask for codes from now on
          </Button>
        </form>
      ) : me.hasPassword ? (
        <form
          className="flex max-w-sm flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            asked.mutate({ currentPassword });
          }}
        >
          <CurrentPassword
            value={currentPassword}
            onChange={setCurrentPassword}
            error={asked.error?.message}
          />
          <Button type="submit" className="self-start" busy={asked.isPending}>
            {factor.active ? "Ask for no codes" : "Set up an app"}
          </Button>
        </form>
      ) : (
        <p className="text-muted">Choose a password first.</p>
      )}
    </Section>
  );
}

/** A text as squares that a camera reads. */
function Code({ text }: { text: string }) {
  const { data, size } = encode(text);
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg role="img" viewBox={`0 0 ${size} ${size}`} className="size-44 bg-white p-2">
      <title>The key below, for the camera of the app</title>
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
