import { Readable } from "node:stream";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { contextOf } from "@/server/auth";
import { env } from "@/server/env";
import { invalid } from "@/server/errors";
import { answer, bodyOf } from "@/server/rest/answer";
import { callerOf } from "@/server/root";

/**
 * Takes in a file to import: the body is the file, of any size, and the answer its `sha256` and `size`, with which
 * imports name it.
 */
export async function POST(
  request: Request,
  { params }: RouteContext<"/api/v1/projects/[projectId]/uploads">,
): Promise<Response> {
  return answer(async () => {
    const context = await contextOf(request);
    const { projectId } = await params;
    // Whoever may import may upload.
    await callerOf(context).import.shapes({ projectId });
    if (!request.body) throw invalid("Send the file as the body of the request.");
    const stored = await keepUpload(context.db, storeFromEnvironment(env()), {
      projectId,
      personId: context.viewer?.personId ?? null,
      bytes: Readable.from(bodyOf(request)),
      mediaType: request.headers.get("content-type") ?? "application/octet-stream",
    });
    return Response.json(stored, { status: 201 });
  });
}
