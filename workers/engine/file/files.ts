import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { EngineError } from "../errors";

/**
 * Reads a JSON file in the shape the schema gives.
 * @throws EngineError naming the file and the first field that does not fit.
 */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new EngineError(absent ? `${path} does not exist.` : `${path} is not readable JSON.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError(`${path}: ${issue.path.join(".") || "the file"}: ${issue.message}.`);
}

/**
 * Writes a file beside its place, flushes it to the disk and renames it there: a reader, or a crash at any
 * moment, sees the old file or the complete new one.
 * @throws EngineError when the disk is full or the place cannot be written.
 */
export function writeAtomically(path: string, produce: (write: (bytes: Uint8Array) => void) => void): void {
  const temporary = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(temporary, "w");
    try {
      produce((bytes) => {
        for (let done = 0; done < bytes.length; ) {
          done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 2 ** 30));
        }
      });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (existsSync(temporary)) rmSync(temporary);
    throw explain(path, cause);
  }
}

/** Copies a file. */
export function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (cause) {
    throw explain(to, cause);
  }
}

/** Creates a folder and those above it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw explain(path, cause);
  }
}

/** Adds to the end of a file; a crash leaves at most the last line unfinished. */
export function appendText(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (cause) {
    throw explain(path, cause);
  }
}

export function writeText(path: string, text: string): void {
  writeAtomically(path, (write) => write(Buffer.from(text)));
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and run again",
  EDQUOT: "the disk quota is used up; free some space and run again",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a part of the path is a file, not a folder",
};

function explain(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return Object.hasOwn(reasons, code)
    ? new EngineError(`${path} cannot be written: ${reasons[code]}.`, { cause })
    : cause;
}
