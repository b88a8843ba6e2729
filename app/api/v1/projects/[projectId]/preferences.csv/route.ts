import { auditDownload } from "@/server/audit/download";
import { contextOf } from "@/server/auth";
import { csvViewSchema } from "@/server/openapi/files";
import { answer } from "@/server/rest/answer";
import { streamOf } from "@/server/rest/text-stream";
import { preferencesCsv, showLines } from "@/server/review/csv";
import { callerOf } from "@/server/root";

/** Rows read at a time: memory stays flat however many there are. */
const PAGE = 5000;

/** @throws when whoever asks may not read the project's preferences */
async function readerOf(request: Request, projectId: string) {
  const context = await contextOf(request);
  await callerOf(context).review.preferences({ projectId, limit: 1 });
  if (!context.viewer) throw new Error("Somebody who is not signed in was let through.");
  return { ...context, personId: context.viewer.personId };
}

/** The current view of the preferences table as a file: the same filters, as query parameters. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ projectId: string }> },
): Promise<Response> {
  return answer(async () => {
    const { projectId } = await params;
    // A look of its own: who may not read hears so before the view is judged, and before the answer begins.
    const context = await readerOf(request, projectId);
    const view = csvViewSchema.parse(Object.fromEntries(new URL(request.url).searchParams));
    const lines = preferencesCsv(async (cursor) => {
      // Who asks is asked again for each page: rights end while a file is on its way.
      const { db, personId } = await readerOf(request, projectId);
      return showLines(db, { ...view, projectId, personId, cursor, limit: PAGE });
    });
    await auditDownload(context, { projectId, kind: "project", id: projectId, file: "preferences.csv" });
    return new Response(streamOf(lines), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="preferences.csv"',
        "cache-control": "no-store",
      },
    });
  });
}
