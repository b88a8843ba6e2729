import { TRPCError } from "@trpc/server";
import { download } from "@/server/artifact/download";
import { storeFromEnvironment } from "@/server/artifact/store";
import { contextOf } from "@/server/auth";
import { env } from "@/server/env";
import { problemOf, problemResponse } from "@/server/rest/problem";
import { callerOf } from "@/server/root";

/** One file of a run, resumable by Range. */
export async function GET(
  request: Request,
  { params }: RouteContext<"/api/v1/projects/[projectId]/runs/[runId]/files/[...name]">,
): Promise<Response> {
  const { projectId, runId, name } = await params;
  const path = name.join("/");
  try {
    const files = await callerOf(await contextOf(request.headers)).run.files({ projectId, runId });
    const file = files.find((candidate) => candidate.name === path);
    if (!file) throw new TRPCError({ code: "NOT_FOUND", message: "The file was not found." });
    return await download(
      storeFromEnvironment(env()),
      { ...file, fileName: name[name.length - 1] },
      request.headers,
    );
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return problemResponse(problemOf(error));
  }
}
