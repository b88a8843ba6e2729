import { artifactBehind } from "@/server/artifact/access";
import { download } from "@/server/artifact/download";
import { storeFromEnvironment } from "@/server/artifact/store";
import { contextOf } from "@/server/auth";
import { env } from "@/server/env";
import { answer } from "@/server/rest/answer";
import { callerOf } from "@/server/root";

/** One file of a run, resumable by Range. */
export async function GET(
  request: Request,
  { params }: RouteContext<"/api/v1/projects/[projectId]/runs/[runId]/files/[...name]">,
): Promise<Response> {
  return answer(async () => {
    const { projectId, runId, name } = await params;
    const context = await contextOf(request.headers);
    // Whoever may see the run may have its files.
    await callerOf(context).run.get({ projectId, runId });
    const file = await artifactBehind(context.db, {
      as: "file of a run",
      projectId,
      runId,
      name: name.join("/"),
    });
    const fileName = name[name.length - 1];
    return download(storeFromEnvironment(env()), { ...file, fileName }, request.headers);
  });
}
