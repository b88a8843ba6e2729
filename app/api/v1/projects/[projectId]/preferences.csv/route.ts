import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { contextOf } from "@/server/auth";
import { problem, problemOf, problemResponse } from "@/server/rest/problem";
import { preferencesCsv } from "@/server/review/csv";
import { preferenceViewSchema } from "@/server/review/schema";
import { callerOf } from "@/server/root";

/** Rows read at a time: memory stays flat however many there are. */
const PAGE = 2000;

const share = z.coerce.number().min(0).max(1).optional();
const query = preferenceViewSchema.extend({ minStrength: share, maxStrength: share });

/** The current view of the preferences table as a file: the same filters, as query parameters. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ projectId: string }> },
): Promise<Response> {
  const { projectId } = await params;
  const view = query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!view.success) return problemResponse(problem(400, z.prettifyError(view.error)));
  const caller = callerOf(await contextOf(request.headers));
  const lines = preferencesCsv((cursor) =>
    caller.review.preferences({ ...view.data, projectId, cursor, limit: PAGE }),
  );
  try {
    const header = await lines.next();
    return new Response(streamOf(header.value ?? "", lines), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="preferences.csv"',
      },
    });
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return problemResponse(problemOf(error));
  }
}

/** Reads the next page when the client is ready for it. */
function streamOf(header: string, lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const text = new ReadableStream<string>({
    start: (controller) => controller.enqueue(header),
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
