import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/trpc/client";

/** The model that a value of a list of these names; none in an empty one. */
export function modelOf(value: string): { endpointId: string | null; modelId: string | null } {
  const [kind, id = ""] = value.split(" ");
  return { endpointId: kind === "endpoint" ? id : null, modelId: kind === "model" ? id : null };
}

/** What may answer for a judge: probed endpoints and models of the registry, as `endpoint <id>` and `model <id>`. */
export function useAnswering(projectId: string) {
  const trpc = useTRPC();
  const endpoints = useQuery(trpc.endpoint.list.queryOptions({ projectId }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const usable = (endpoints.data ?? []).filter(({ capabilities }) => capabilities);
  return {
    answers: [
      ...usable.map((one) => ({ value: `endpoint ${one.id}`, label: `${one.name} (${one.model})` })),
      ...(models.data ?? []).map((one) => ({
        value: `model ${one.id}`,
        label: one.method === "reward" ? `${one.name}, a reward model` : one.name,
      })),
    ],
    models: models.data ?? [],
    isSuccess: endpoints.isSuccess && models.isSuccess,
    error: endpoints.error ?? models.error,
  };
}
