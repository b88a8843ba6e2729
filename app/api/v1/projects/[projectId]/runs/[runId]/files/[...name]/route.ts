import { artifactBehind } from "@/server/artifact/access";
import { download } from "@/server/artifact/download";
import { storeFromEnvironment } from "@/server/artifact/store";
import { auditDownload } from "@/server/audit/download";
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
    const context = await contextOf(request);
    // Whoever may see the run may have its files.
    await callerOf(context).run.get({ projectId, runId });
    const file = await artifactBehind(context.db, {
      as: "file of a run",
      projectId,
      runId,
      name: name.join("/"),
    });
    // The parts of a resumed download are one download.
    if (!/^bytes=[1-9]/.test(request.headers.get("range") ?? ""))
      await auditDownload(context, { projectId, kind: "run", id: runId, file: name.join("/") });
    const fileName = name[name.length - 1];
    return download(storeFromEnvironment(env()), { ...file, fileName }, request.headers);
  });
}
