import { readFileSync } from "node:fs";
import { FileRefused } from "@/server/import/problems";
import { fileOnDisk } from "@/server/import/source/file";
import { openFile } from "@/server/import/source/open";

/** Reads a file's rows, and says how many there were and the most memory that this process ever took. */
let rows = 0;
let refused: string | null = null;
try {
  const file = await openFile(await fileOnDisk(process.argv[2] ?? ""));
  for await (const batch of file.rows()) rows += batch.length;
} catch (error) {
  if (!(error instanceof FileRefused)) throw error;
  refused = error.problem.code;
}
const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
console.log(JSON.stringify({ rows, refused, peakMiB: Math.round(Number(peak) / 1024) }));
