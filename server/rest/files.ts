import type { RestRoute } from "../trpc";

/** An operation that takes or gives bytes, so that it is a route handler below `app/api/v1` and no procedure. */
export interface FileOperation extends RestRoute {
  name: string;
  parameters: string[];
  /** Media type of the body. */
  takes?: string;
  /** Media type of the answer. */
  gives: string;
}

export const fileOperations: FileOperation[] = [
  {
    name: "import.upload",
    method: "POST",
    path: "/projects/{projectId}/uploads",
    summary: "Send a file of any size; answers with the sha256 by which an import names it",
    parameters: ["projectId"],
    takes: "application/octet-stream",
    gives: "application/json",
  },
  {
    name: "run.file",
    method: "GET",
    path: "/projects/{projectId}/runs/{runId}/files/{name}",
    summary: "One file of a run; resumable by Range",
    parameters: ["projectId", "runId", "name"],
    gives: "application/octet-stream",
  },
  {
    name: "review.csv",
    method: "GET",
    path: "/projects/{projectId}/preferences.csv",
    summary: "The preferences with the same filters, as a table for spreadsheets",
    parameters: ["projectId"],
    gives: "text/csv",
  },
];
