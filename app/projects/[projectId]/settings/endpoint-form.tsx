"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import { type EndpointKind, endpointKinds } from "@/db/shape/endpoint";
import type { Endpoint } from "@/server/endpoint/schema";
import { addressOf, kindNames } from "./endpoint-kinds";

const numbers = [
  { name: "inputPrice", label: "Price of prompts", unit: "US$ per million tokens" },
  { name: "outputPrice", label: "Price of replies", unit: "US$ per million tokens" },
  {
    name: "cachedPrice",
    label: "Price of cached prompts",
    unit: "US$ per million tokens; empty: as the others",
  },
  { name: "requestsPerMinute", label: "Requests a minute", unit: "empty: no limit is known" },
  { name: "tokensPerMinute", label: "Tokens a minute", unit: "empty: no limit is known" },
] as const;
type NumberName = (typeof numbers)[number]["name"];

const CONCURRENCY = 4;

/** Adds an endpoint, or changes what may change of one. */
export function EndpointForm({
  projectId,
  endpoint,
  onClose,
}: {
  projectId: string;
  endpoint?: Endpoint;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const onSuccess = async () => {
    await client.invalidateQueries({ queryKey: trpc.endpoint.list.queryKey({ projectId }) });
    onClose();
  };
  const add = useMutation(trpc.endpoint.add.mutationOptions({ onSuccess }));
  const edit = useMutation(trpc.endpoint.edit.mutationOptions({ onSuccess }));
  const [kind, setKind] = useState<EndpointKind>(endpoint?.kind ?? "openai-compatible");
  const [texts, setTexts] = useState({ name: endpoint?.name ?? "", url: "", model: "", key: "" });
  const [values, setValues] = useState<Record<NumberName, string>>({
    inputPrice: String(endpoint?.inputPrice ?? ""),
    outputPrice: String(endpoint?.outputPrice ?? ""),
    cachedPrice: String(endpoint?.cachedPrice ?? ""),
    requestsPerMinute: String(endpoint?.requestsPerMinute ?? ""),
    tokensPerMinute: String(endpoint?.tokensPerMinute ?? ""),
  });
  const [concurrency, setConcurrency] = useState(String(endpoint?.concurrency ?? CONCURRENCY));
  const numberOf = (name: NumberName) => (values[name].trim() === "" ? null : Number(values[name]));
  const submit = () => {
    const settings = {
      projectId,
      name: texts.name,
      inputPrice: numberOf("inputPrice"),
      outputPrice: numberOf("outputPrice"),
      cachedPrice: numberOf("cachedPrice"),
      requestsPerMinute: numberOf("requestsPerMinute"),
      tokensPerMinute: numberOf("tokensPerMinute"),
      concurrency: Number(concurrency),
      ...(texts.key ? { key: texts.key } : {}),
    };
    if (endpoint) edit.mutate({ ...settings, endpointId: endpoint.id });
    else add.mutate({ ...settings, kind, model: texts.model, ...(texts.url ? { url: texts.url } : {}) });
  };
  const { example, optional } = addressOf[kind];
  const set = (name: keyof typeof texts) => ({
    value: texts[name],
    onChange: ({ target }: { target: { value: string } }) => setTexts({ ...texts, [name]: target.value }),
  });
  return (
    <FormDialog
      onOpenChange={onClose}
      title={endpoint ? `Edit ${endpoint.name}` : "Add an endpoint"}
      description={
        endpoint
          ? "Address and model stay: another model is another endpoint, so that no figure mixes the two."
          : "It is probed at once, with some short questions."
      }
      submit={endpoint ? "Save" : "Add and probe"}
      busy={add.isPending || edit.isPending}
      error={add.error ?? edit.error}
      onSubmit={submit}
    >
      <Field label="Name" help="By what you will know it.">
        {(control) => <Input {...control} required maxLength={100} autoFocus {...set("name")} />}
      </Field>
      {!endpoint && (
        <>
          <Field
            label="Kind"
            help="vLLM, Ollama, llama.cpp, LM Studio, TGI, OpenRouter and OpenAI are OpenAI-compatible."
          >
            {(control) => (
              <Select
                {...control}
                value={kind}
                onChange={({ target }) =>
                  setKind(endpointKinds.find((one) => one === target.value) ?? "openai-compatible")
                }
              >
                {endpointKinds.map((one) => (
                  <option key={one} value={one}>
                    {kindNames[one]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            label="Address"
            optional={optional}
            help="The base address. One of your own network has to be listed by an admin in CONCORD_ENDPOINT_HOSTS."
          >
            {(control) => (
              <Input
                {...control}
                type="url"
                required={!optional}
                maxLength={500}
                placeholder={example}
                {...set("url")}
              />
            )}
          </Field>
          <Field
            label="Model"
            help={kind === "azure" ? "The name of the deployment." : "Its name as the provider knows it."}
          >
            {(control) => <Input {...control} required maxLength={300} {...set("model")} />}
          </Field>
        </>
      )}
      <Field
        label="Key"
        optional={kind === "openai-compatible" || endpoint !== undefined}
        help={
          endpoint?.hasKey
            ? "One is stored; it is not shown again."
            : "Stored encrypted; it is not shown again."
        }
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="off"
            required={!endpoint && kind !== "openai-compatible"}
            placeholder={endpoint?.hasKey ? "Replace it" : undefined}
            {...set("key")}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {numbers.map(({ name, label, unit }) => (
          <Field key={name} label={label} optional help={unit}>
            {(control) => (
              <Input
                {...control}
                type="number"
                min={name.endsWith("Price") ? 0 : 1}
                step={name.endsWith("Price") ? "any" : 1}
                value={values[name]}
                onChange={({ target }) => setValues({ ...values, [name]: target.value })}
              />
            )}
          </Field>
        ))}
        <Field label="At once" help="Requests side by side, at most.">
          {(control) => (
            <Input
              {...control}
              type="number"
              required
              min={1}
              max={256}
              value={concurrency}
              onChange={({ target }) => setConcurrency(target.value)}
            />
          )}
        </Field>
      </div>
    </FormDialog>
  );
}
