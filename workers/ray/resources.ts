import type { ClusterNode } from "../../server/cluster/schema";

/** What a run asks of a cluster, by the names of Ray Train's ScalingConfig. */
export interface Scaling {
  workers: number;
  useGpu: boolean;
  /** By Ray's names of resources, for each worker. */
  perWorker: Record<string, number>;
}

/** As Ray Train reads the options: a worker reserves a GPU, or else a CPU, unless it is told otherwise. */
export function scalingOf(options: Record<string, unknown>): Scaling {
  const { num_workers, use_gpu, resources_per_worker } = options;
  const useGpu = use_gpu === true;
  const named = namedResources(resources_per_worker);
  const perWorker = useGpu ? { GPU: 1, ...named } : Object.keys(named).length > 0 ? named : { CPU: 1 };
  return { workers: typeof num_workers === "number" ? num_workers : 1, useGpu, perWorker };
}

/** `{ CPU: 4, GPU: 1 }`, or the same as text, which forms give: `CPU=4, GPU=1`. */
function namedResources(given: unknown): Record<string, number> {
  const entries =
    typeof given === "string"
      ? given.split(",").map((part): [string, unknown] => {
          const [name = "", amount] = part.trim().split("=");
          return [name, Number(amount)];
        })
      : Object.entries(given ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0),
  );
}

/** How many workers the machines can hold at most, were nothing else running there. */
function roomFor(perWorker: Record<string, number>, nodes: readonly ClusterNode[]): number {
  const rooms = nodes.map(({ total }) =>
    Math.min(
      ...Object.entries(perWorker).map(([name, amount]) => Math.floor((total[name] ?? 0) / amount + 1e-9)),
    ),
  );
  return rooms.reduce((sum, room) => sum + room, 0);
}

/** Why the run could never start on these machines, with what to lower; null when it could. */
export function refusalOf({ workers, perWorker }: Scaling, nodes: readonly ClusterNode[]): string | null {
  const room = roomFor(perWorker, nodes);
  if (room >= workers) return null;
  const has = nodes.map(({ name, total }) => `${name} with ${inWords(only(total, perWorker))}`).join(", ");
  return `The run asks for ${workers} ${workers === 1 ? "worker" : "workers"} with ${inWords(perWorker)} each, and the cluster has room for ${room} (${has || "no machine is up"}): lower num_workers or resources_per_worker, or add machines.`;
}

const only = (total: Record<string, number>, names: Record<string, number>) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, total[name] ?? 0]));

/** `1 CPU and 2 GPU` */
export function inWords(resources: Record<string, number>): string {
  return Object.entries(resources)
    .map(([name, amount]) => `${amount} ${name}`)
    .join(" and ");
}
