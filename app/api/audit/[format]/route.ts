import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { auditDownload } from "@/server/audit/download";
import { auditFormats, exportAudit } from "@/server/audit/list";
import { auditFilterSchema } from "@/server/audit/schema";
import { contextOf } from "@/server/auth";
import { forbidden, notFound } from "@/server/errors";
import { answer } from "@/server/rest/answer";
import { streamOf } from "@/server/rest/text-stream";
import type { Context } from "@/server/trpc";

const MEDIA = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl" };

/** Who asks, if an admin does. */
async function adminOf(request: Request): Promise<Context> {
  const context = await contextOf(request);
  if (!context.viewer) throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in first." });
  if (!context.viewer.isAdmin) throw forbidden("Only an admin may do this.");
  return context;
}

/** The audit log as a file, for admins: `/api/audit/csv` or `/api/audit/jsonl`, with the filters of the page. */
export async function GET(request: Request, { params }: { params: Promise<{ format: string }> }) {
  return answer(async () => {
    const context = await adminOf(request);
    const { data: format } = z.enum(auditFormats).safeParse((await params).format);
    if (!format) throw notFound("There is csv and jsonl; this format");
    const filter = auditFilterSchema.parse(Object.fromEntries(new URL(request.url).searchParams));
    await auditDownload(context, { kind: "audit", id: format, file: `audit.${format}` });
    const dbNow = async () => (await adminOf(request)).db;
    return new Response(streamOf(exportAudit(dbNow, filter, format)), {
      headers: {
        "content-type": MEDIA[format],
        "content-disposition": `attachment; filename="audit.${format}"`,
        "cache-control": "no-store",
      },
    });
  });
}
