import { Readable } from "node:stream";
import { z } from "zod";
import { database } from "@/db/client";
import { download } from "@/server/artifact/download";
import { storeFromEnvironment } from "@/server/artifact/store";
import { readableArtifact } from "@/server/cluster/jobs";
import { env } from "@/server/env";
import { invalid } from "@/server/errors";
import { storeUpload } from "@/server/import/upload";
import { machineOf } from "@/server/machine/machine";
import { answer, bodyOf } from "@/server/rest/answer";

type Context = RouteContext<"/api/artifacts/[sha256]">;

const hash = z.string().regex(/^[0-9a-f]{64}$/, "An artifact is named by its sha256.");

/** The artifact store over HTTP, for machines: workers elsewhere, and the jobs of runs on a cluster. */
async function read(request: Request, { params }: Context): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const machine = await machineOf(db, request.headers);
    const sha256 = hash.parse((await params).sha256);
    const runId = machine.kind === "job" ? machine.claim.runId : null;
    const found = await readableArtifact(db, { sha256, runId });
    if (request.method === "HEAD")
      return new Response(null, { headers: { "content-length": String(found.size) } });
    return download(storeFromEnvironment(env()), { ...found, fileName: sha256 }, request.headers);
  });
}

/** Stores the body under its hash. */
export async function PUT(request: Request, { params }: Context): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    await machineOf(db, request.headers);
    const sha256 = hash.parse((await params).sha256);
    const stored = await storeUpload(db, storeFromEnvironment(env()), {
      bytes: Readable.from(bodyOf(request)),
      mediaType: request.headers.get("content-type") ?? "application/octet-stream",
    });
    if (stored.sha256 !== sha256) throw invalid(`The body's sha256 is ${stored.sha256}: send it again.`);
    return Response.json(stored, { status: 201 });
  });
}

export { read as GET, read as HEAD };
