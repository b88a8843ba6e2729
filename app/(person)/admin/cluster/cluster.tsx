"use client";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import type { ClusterSettings } from "@/server/cluster/schema";
import { State } from "./state";

/** The Ray cluster that runs may go to: where it is, and what it says of itself. */
export function ClusterSection({ siteAddress }: { siteAddress: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { data: settings } = useSuspenseQuery(trpc.cluster.get.queryOptions());
  const state = useQuery({
    ...trpc.cluster.state.queryOptions(),
    enabled: settings !== null,
    refetchInterval: 15_000,
    retry: false,
  });
  const changed = () => client.invalidateQueries({ queryKey: trpc.cluster.pathKey() });
  return (
    <Section title="Ray cluster">
      {settings === null && (
        <p className="max-w-prose text-muted">
          No cluster is set. With the address of a Ray cluster’s dashboard, training runs can ask for{" "}
          <code>cluster: ray</code> and use its machines. They need Ray 2.60 or newer and the packages of{" "}
          <code>workers/torch</code>.
        </p>
      )}
      {settings !== null && (
        <State
          state={state.data ?? null}
          problem={state.error?.message}
          busy={state.isFetching}
          onTest={() => state.refetch()}
        />
      )}
      <SettingsForm
        key={settings?.updatedAt.toISOString()}
        {...{ settings, siteAddress }}
        onChange={changed}
      />
    </Section>
  );
}

function SettingsForm({
  settings,
  siteAddress,
  onChange,
}: {
  settings: ClusterSettings | null;
  siteAddress: string;
  onChange: () => Promise<void>;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const [address, setAddress] = useState(settings?.address ?? "");
  const [site, setSite] = useState(settings?.siteAddress ?? siteAddress);
  const [token, setToken] = useState("");
  const set = useMutation(
    trpc.cluster.set.mutationOptions({
      onSuccess: () => {
        toast({ title: "Saved. The cluster is asked now." });
        return onChange();
      },
    }),
  );
  const forget = useMutation(
    trpc.cluster.forget.mutationOptions({
      onSuccess: onChange,
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  return (
    <form
      className="flex max-w-xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ address, siteAddress: site, ...(token ? { token } : {}) });
      }}
    >
      <Field
        label="Address of the dashboard"
        help="Its Jobs API answers there, usually on port 8265."
        error={set.error?.message}
      >
        {(control) => (
          <Input
            {...control}
            type="url"
            required
            placeholder="http://ray-head:8265"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Token"
        optional
        help={
          settings?.hasToken ? (
            <>
              Stored encrypted <When at={settings.updatedAt} />; it is not shown again.
            </>
          ) : (
            "Where the cluster runs with RAY_AUTH_MODE=token. Stored encrypted."
          )
        }
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="off"
            placeholder={settings?.hasToken ? "Replace it" : undefined}
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Address of this site, from the cluster"
        help="The cluster’s machines fetch data and models there and tell what happens. localhost is only right for a cluster on this machine."
      >
        {(control) => (
          <Input
            {...control}
            type="url"
            required
            value={site}
            onChange={(event) => setSite(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={set.isPending}>
          {settings ? "Save" : "Set the cluster"}
        </Button>
        {settings?.hasToken && (
          <Button
            busy={set.isPending}
            onClick={() => set.mutate({ address, siteAddress: site, token: null })}
          >
            Forget the token
          </Button>
        )}
        {settings && (
          <Button variant="ghost" busy={forget.isPending} onClick={() => forget.mutate()}>
            Remove the cluster
          </Button>
        )}
      </div>
    </form>
  );
}
