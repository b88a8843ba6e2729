import { z } from "zod";

const httpAddress = (what: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be the http(s):// address ${what}` })
    .transform((address) => address.replace(/\/+$/, ""));

/** The cluster as an admin sets it. The token is never read back. */
export const clusterInputSchema = z.object({
  address: httpAddress("of the cluster's dashboard"),
  /** Left out: the one before is kept, if the address stays the same. Null: none. */
  token: z.string().trim().min(1).max(4000).nullish(),
  siteAddress: httpAddress("at which the cluster's machines reach this site"),
});
export type ClusterInput = z.infer<typeof clusterInputSchema>;

export const clusterSettingsSchema = z.object({
  address: z.string(),
  hasToken: z.boolean(),
  siteAddress: z.string(),
  updatedAt: z.date(),
});
export type ClusterSettings = z.infer<typeof clusterSettingsSchema>;

const nodeSchema = z.object({
  id: z.string(),
  name: z.string(),
  isHead: z.boolean(),
  /** By Ray's names of resources: CPU, GPU and whatever the cluster adds. */
  total: z.record(z.string(), z.number()),
});
export type ClusterNode = z.infer<typeof nodeSchema>;

/** What the cluster answers now. */
export const clusterStateSchema = z.discriminatedUnion("answers", [
  z.object({ answers: z.literal(false), problem: z.string() }),
  z.object({
    answers: z.literal(true),
    milliseconds: z.number(),
    rayVersion: z.string(),
    nodes: z.array(nodeSchema),
    /** Used and total by resource, over all nodes. */
    usage: z.record(z.string(), z.object({ used: z.number(), total: z.number() })),
    jobs: z.array(
      z.object({
        submissionId: z.string(),
        status: z.string(),
        runId: z.string().nullable(),
        projectId: z.string().nullable(),
        title: z.string().nullable(),
        startedAt: z.date().nullable(),
      }),
    ),
  }),
]);
export type ClusterState = z.infer<typeof clusterStateSchema>;
