import { z } from "zod";

const storedSchema = z.object({ sha256: z.string(), size: z.number() });
const problemSchema = z.object({ detail: z.string() });

/** Sends a file as it is. (`fetch` cannot tell how much has been sent; XMLHttpRequest can.) */
export function uploadFile(
  projectId: string,
  file: File,
  { onSent, signal }: { onSent: (bytes: number) => void; signal: AbortSignal },
): Promise<z.infer<typeof storedSchema>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/projects/${projectId}/uploads`);
    request.responseType = "json";
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      const answer: unknown = request.response;
      const stored = storedSchema.safeParse(answer);
      if (request.status < 300 && stored.success) return resolve(stored.data);
      const problem = problemSchema.safeParse(answer);
      reject(new Error(problem.data?.detail ?? `The server answered ${request.status}. Try again.`));
    };
    request.onerror = () => reject(new Error("The connection broke off. Send the file again."));
    request.onabort = () => reject(new Error("Stopped."));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
