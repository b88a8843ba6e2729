import { admin, router } from "../trpc";
import { clusterSettings, clusterState, forgetCluster, setCluster } from "./cluster";
import { clusterInputSchema, clusterSettingsSchema, clusterStateSchema } from "./schema";

export const clusterRouter = router({
  get: admin
    .meta({ rest: { method: "GET", path: "/cluster", summary: "The Ray cluster that runs may go to" } })
    .output(clusterSettingsSchema.nullable())
    .query(({ ctx }) => clusterSettings(ctx.db)),

  state: admin
    .meta({ rest: { method: "GET", path: "/cluster/state", summary: "What the cluster answers now" } })
    .output(clusterStateSchema.nullable())
    .query(({ ctx }) => clusterState(ctx.db)),

  set: admin
    .meta({
      rest: {
        method: "PUT",
        path: "/cluster",
        summary: "Set the cluster; its token is kept encrypted",
        secret: true,
      },
    })
    .input(clusterInputSchema)
    .output(clusterSettingsSchema)
    .mutation(({ ctx, input }) => setCluster(ctx.db, ctx.actor, input)),

  forget: admin
    .meta({ rest: { method: "DELETE", path: "/cluster", summary: "Send no more runs to the cluster" } })
    .mutation(({ ctx }) => forgetCluster(ctx.db, ctx.actor)),
});
