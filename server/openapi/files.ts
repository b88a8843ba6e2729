import { z } from "zod";
import { preferenceViewSchema } from "../review/schema";
import type { RestRoute } from "../trpc";

/** An operation that takes or gives bytes, so that it is a route handler below `app/api/v1` and no procedure. */
export interface FileOperation extends RestRoute {
  name: string;
  parameters: string[];
  /** What may stand behind the question mark. */
  query?: z.ZodObject;
  /** Media type of the body. */
  takes?: string;
  gives: {
    status: 200 | 201;
    media: string;
    /** Of an answer that is JSON. */
    schema?: z.ZodType;
    /** It can be had in parts, and asked for again only if it changed. */
    resumable?: true;
  };
}

const share = z.coerce.number().min(0).max(1).optional();
/** The view of the preferences, from an address: its numbers come as text. */
export const csvViewSchema = preferenceViewSchema.extend({ minStrength: share, maxStrength: share }).strict();

const uploadedSchema = z.object({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("What an import names the file by."),
  size: z.number().int().min(0).describe("Bytes received."),
});

export const fileOperations: FileOperation[] = [
  {
    name: "import.upload",
    method: "POST",
    path: "/projects/{projectId}/uploads",
    summary: "Send a file of any size; answers with the sha256 by which an import names it",
    parameters: ["projectId"],
    takes: "application/octet-stream",
    gives: { status: 201, media: "application/json", schema: uploadedSchema },
  },
  {
    name: "run.file",
    method: "GET",
    path: "/projects/{projectId}/runs/{runId}/files/{name}",
    summary: "One file of a run; resumable by Range",
    parameters: ["projectId", "runId", "name"],
    gives: { status: 200, media: "application/octet-stream", resumable: true },
  },
  {
    name: "review.csv",
    method: "GET",
    path: "/projects/{projectId}/preferences.csv",
    summary: "The preferences with the same filters, as a table for spreadsheets",
    parameters: ["projectId"],
    query: csvViewSchema,
    gives: { status: 200, media: "text/csv" },
  },
];
