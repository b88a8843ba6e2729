import { Readable } from "node:stream";
import { z } from "zod";
import { database } from "@/db/client";
import { artifactBehind } from "@/server/artifact/access";
import { download } from "@/server/artifact/download";
import { keepBytes, keepForJob, wantAgain } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { env } from "@/server/env";
import { notFound } from "@/server/errors";
import { limits } from "@/server/limits";
import { machineOf } from "@/server/machine/machine";
import { answer, bodyOf } from "@/server/rest/answer";

type Context = RouteContext<"/api/artifacts/[sha256]">;

const hash = z.string().regex(/^[0-9a-f]{64}$/, "An artifact is named by its sha256.");

/**
 * The artifact store over HTTP, for machines: workers elsewhere, and the jobs of runs on a cluster. A job reads what
 * its run was given or has brought itself, and nothing else whose hash it knows.
 */
async function read(request: Request, { params }: Context): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const machine = await machineOf(db, request.headers);
    const sha256 = hash.parse((await params).sha256);
    if (request.method === "HEAD" && machine.kind !== "job") {
      const there = await wantAgain(db, sha256);
      if (!there) throw notFound("The file");
      return sized(there);
    }
    const found = await artifactBehind(
      db,
      machine.kind === "job"
        ? { as: "file of a job", runId: machine.claim.runId, sha256 }
        : { as: "any", sha256 },
    );
    if (request.method === "HEAD") return sized(found);
    return download(storeFromEnvironment(env()), { ...found, fileName: sha256 }, request.headers);
  });
}

const sized = ({ size }: { size: number }) =>
  new Response(null, { headers: { "content-length": String(size) } });

/** Stores the body under its hash, if that is its hash. */
export async function PUT(request: Request, { params }: Context): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const machine = await machineOf(db, request.headers);
    const sha256 = hash.parse((await params).sha256);
    const store = storeFromEnvironment(env());
    const incoming = {
      bytes: Readable.from(bodyOf(request)),
      mediaType: request.headers.get("content-type") ?? "application/octet-stream",
    };
    const stored =
      machine.kind === "job"
        ? await keepForJob(db, store, { ...incoming, runId: machine.claim.runId, sha256 })
        : await keepBytes(db, store, incoming, { sha256, atMost: limits.jobFileBytes });
    return Response.json(stored, { status: 201 });
  });
}

export { read as GET, read as HEAD };
