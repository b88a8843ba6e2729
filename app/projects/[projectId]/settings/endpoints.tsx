"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { useEffect, useState } from "react";
import { Figure } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Empty } from "@/app/components/ui/empty";
import { useToast } from "@/app/components/ui/toast";
import { When } from "@/app/components/ui/when";
import { amount, dollars } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Capabilities } from "@/db/shape/endpoint";
import type { Endpoint } from "@/server/endpoint/schema";
import { EndpointForm } from "./endpoint-form";
import { kindNames } from "./endpoint-kinds";
import { TryEndpoint } from "./try-endpoint";

/** Where models of others answer: what each can do, what it has cost, and how to add one. */
export function Endpoints({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const { data: endpoints, error } = useQuery(trpc.endpoint.list.queryOptions({ projectId }));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      Add an endpoint
    </Button>
  );
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error.message}
        </p>
      )}
      {endpoints?.length === 0 && (
        <Empty icon={<Plug />} title="No model of others is known here" action={add}>
          An endpoint is where a model answers: a provider’s, or a server of your own such as vLLM, Ollama or
          llama.cpp. Its key is kept encrypted, each request is written down, and a reply is paid for once.
        </Empty>
      )}
      {endpoints && endpoints.length > 0 && (
        <>
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="max-w-prose text-sm text-muted">
              Models that answer elsewhere. Each request to them is written down before it goes out, and a
              reply that has arrived is never paid for again.
            </p>
            {add}
          </div>
          <ul className="flex flex-col divide-y">
            {endpoints.map((endpoint) => (
              <Entry key={endpoint.id} {...{ projectId, endpoint }} />
            ))}
          </ul>
        </>
      )}
      {adding && <EndpointForm projectId={projectId} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Entry({ projectId, endpoint }: { projectId: string; endpoint: Endpoint }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [open, setOpen] = useState<"edit" | "try" | "remove" | null>(null);
  const probe = useMutation(
    trpc.endpoint.probe.mutationOptions({
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  const refresh = () => client.invalidateQueries({ queryKey: trpc.endpoint.list.queryKey({ projectId }) });
  const remove = useMutation(
    trpc.endpoint.remove.mutationOptions({
      onSuccess: refresh,
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  const { id, name, model, kind, url, probedAt, problem, capabilities, missing, spent } = endpoint;
  const isProbing = useProbe({ projectId, endpoint, runId: probe.data?.runId });
  return (
    <li className="flex flex-col gap-3 py-4 first:pt-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold">
            {name}
            <Badge>{kindNames[kind]}</Badge>
            <Retirement day={endpoint.retiresOn} />
          </h2>
          <p className="break-words text-sm text-muted">
            {model}
            {url && ` at ${url}`}
            {!endpoint.hasKey && " · without a key"}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            busy={isProbing || probe.isPending}
            onClick={() => probe.mutate({ projectId, endpointId: id })}
          >
            Probe
          </Button>
          <Button onClick={() => setOpen("try")}>Try</Button>
          <Button onClick={() => setOpen("edit")}>Edit</Button>
          <Button variant="ghost" onClick={() => setOpen("remove")}>
            Remove
          </Button>
        </div>
      </div>
      {problem && (
        <p role="status" className="max-w-prose break-words text-sm text-bad">
          The probe <When at={probedAt ?? endpoint.createdAt} /> learnt nothing. {problem}
        </p>
      )}
      {capabilities ? (
        <div className="max-w-prose text-sm">
          <p>
            {abilities(capabilities)}
            {!problem && probedAt && (
              <span className="text-muted">
                {" "}
                Probed <When at={probedAt} />.
              </span>
            )}
          </p>
          {missing.length > 0 && (
            <ul className="mt-1 list-disc ps-5 text-muted">
              {missing.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </div>
      ) : (
        !problem && (
          <p role="status" className="text-sm text-muted">
            {isProbing ? "It is being asked what it can do." : "It was not probed yet."}
          </p>
        )
      )}
      <dl className="grid grid-cols-1 gap-4 sm:grid-cols-3">
        <Figure
          id="endpointRequests"
          value={amount(spent.requests)}
          note={`${amount(spent.answered)} answered, ${amount(spent.failed)} failed, ${amount(spent.unknown)} unknown`}
        />
        <Figure
          id="endpointTokens"
          value={amount(spent.input + spent.output)}
          note={`${amount(spent.input)} of prompts (${amount(spent.cached)} cached), ${amount(spent.output)} of replies`}
        />
        <Figure
          id="endpointCost"
          value={spent.cost === 0 && spent.unpriced > 0 ? "—" : dollars(spent.cost)}
          note={
            spent.unknownCost > 0
              ? `and at most ${dollars(spent.unknownCost)} for unknown ones`
              : priceWords(endpoint)
          }
          leftOut={spent.unpriced > 0 ? [`${amount(spent.unpriced)} without a price`] : []}
        />
      </dl>
      {open === "edit" && <EndpointForm {...{ projectId, endpoint }} onClose={() => setOpen(null)} />}
      {open === "try" && <TryEndpoint {...{ projectId, endpoint }} onClose={() => setOpen(null)} />}
      <Dialog
        open={open === "remove"}
        onOpenChange={() => setOpen(null)}
        title={`Remove ${name}?`}
        description="Its key is forgotten and nothing is asked there any more. Replies that arrived and what they cost stay."
        footer={
          <>
            <Button onClick={() => setOpen(null)}>Cancel</Button>
            <Button
              variant="danger"
              busy={remove.isPending}
              onClick={() => remove.mutate({ projectId, endpointId: id })}
            >
              Remove
            </Button>
          </>
        }
      />
    </li>
  );
}

/** Whether a probe goes on: one that was asked for here, or the first, which began when it was added. */
function useProbe({
  projectId,
  endpoint,
  runId,
}: {
  projectId: string;
  endpoint: Endpoint;
  runId: string | undefined;
}): boolean {
  const trpc = useTRPC();
  const client = useQueryClient();
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId: runId ?? "" },
      {
        enabled: runId !== undefined,
        refetchInterval: ({ state }) => (state.data?.finishedAt ? false : 700),
      },
    ),
  );
  const isFirst = endpoint.probedAt === null;
  const isOver = run.data?.finishedAt != null;
  const listKey = trpc.endpoint.list.queryKey({ projectId });
  const refresh = () => client.invalidateQueries({ queryKey: listKey });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each end of a probe
  useEffect(() => {
    if (isOver) void refresh();
  }, [isOver, runId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as long as nothing is known
  useEffect(() => {
    if (!isFirst) return;
    const timer = setInterval(() => void refresh(), 1_500);
    return () => clearInterval(timer);
  }, [isFirst]);
  return runId === undefined ? isFirst : !isOver;
}

/** The last day of service, where it is told: near, it is a warning. */
function Retirement({ day }: { day: string | null }) {
  if (day === null) return null;
  const left = (Date.parse(day) - Date.now()) / 86_400_000;
  return (
    <Badge tone={left < 0 ? "bad" : left < 90 ? "warn" : "neutral"}>
      {left < 0 ? `retired on ${day}` : `retires on ${day}`}
    </Badge>
  );
}

function abilities({ logprobs, schema, tools, system, embeddings, context }: Capabilities): string {
  const can = [
    logprobs > 0 && `log-probabilities (${logprobs} a token)`,
    schema && "JSON schema",
    tools && "tools",
    system && "turns of the system",
    embeddings && "embeddings",
    context !== null && `${amount(context)} tokens of context`,
  ].filter((word) => word !== false);
  return can.length > 0 ? `Can: ${can.join(", ")}.` : "Writes text, and nothing else.";
}

function priceWords({ inputPrice, outputPrice }: Endpoint): string {
  if (inputPrice === null || outputPrice === null) return "its prices are not set";
  if (inputPrice === 0 && outputPrice === 0) return "it costs nothing";
  return `at ${dollars(inputPrice)} and ${dollars(outputPrice)} per million tokens`;
}
