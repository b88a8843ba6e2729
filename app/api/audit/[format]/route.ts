import { z } from "zod";
import { auditFormats, exportAudit } from "@/server/audit/list";
import { auditFilterSchema } from "@/server/audit/schema";
import { contextOf } from "@/server/auth";

const MEDIA = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl" };

/** The audit log as a file, for admins: `/api/audit/csv` or `/api/audit/jsonl`, with the filters of the page. */
export async function GET(request: Request, { params }: { params: Promise<{ format: string }> }) {
  const { db, viewer } = await contextOf(request.headers);
  if (!viewer) return new Response("Sign in first.\n", { status: 401 });
  if (!viewer.isAdmin) return new Response("Only an admin may do this.\n", { status: 403 });
  const format = z.enum(auditFormats).safeParse((await params).format);
  if (!format.success) return new Response("There is csv and jsonl.\n", { status: 404 });
  const filter = auditFilterSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!filter.success) return new Response(`${z.prettifyError(filter.error)}\n`, { status: 400 });

  const lines = exportAudit(db, filter.data, format.data);
  return new Response(streamOf(lines), {
    headers: {
      "content-type": MEDIA[format.data],
      "content-disposition": `attachment; filename="audit.${format.data}"`,
    },
  });
}

/** Sends a page of the log when the reader is ready for it. */
function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const text = new ReadableStream<string>({
    async pull(controller) {
      const { value, done } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  return text.pipeThrough(new TextEncoderStream());
}
