import { Readable } from "node:stream";
import { TRPCError } from "@trpc/server";
import { storeFromEnvironment } from "@/server/artifact/store";
import { contextOf } from "@/server/auth";
import { env } from "@/server/env";
import { storeUpload } from "@/server/import/upload";
import { problem, problemOf, problemResponse } from "@/server/rest/problem";
import { callerOf } from "@/server/root";

/**
 * Takes in a file to import: the body is the file, of any size, and the answer its `sha256` and `size`, with which
 * imports name it.
 */
export async function POST(
  request: Request,
  { params }: RouteContext<"/api/v1/projects/[projectId]/uploads">,
): Promise<Response> {
  const context = await contextOf(request.headers);
  try {
    // Whoever may import may upload.
    await callerOf(context).import.shapes(await params);
  } catch (error) {
    if (error instanceof TRPCError) return problemResponse(problemOf(error));
    throw error;
  }
  if (!request.body) return problemResponse(problem(400, "Send the file as the body of the request."));
  const stored = await storeUpload(context.db, storeFromEnvironment(env()), {
    bytes: Readable.from(chunksOf(request.body)),
    mediaType: request.headers.get("content-type") ?? "application/octet-stream",
  });
  return Response.json(stored, { status: 201 });
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}
