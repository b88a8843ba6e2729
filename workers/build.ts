import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the site is built from. */
const SOURCES = ["app", "server", "db/schema", "db/client.ts", "public", "package-lock.json"];
const ROOT_SOURCES = /^(next\.config|proxy|instrumentation.*|postcss\.config)\.[a-z]+$/;

/**
 * Builds the site unless a finished build is newer than every source file. Comparing times costs some
 * milliseconds and also notices an update by `git pull`.
 * @throws when the build fails; Next has then printed why
 */
export async function buildIfNeeded(root: string, signal: AbortSignal): Promise<void> {
  // A failed build deletes this file.
  const built = await modified(join(root, ".next", "BUILD_ID"));
  const top = (await readdir(root)).filter((name) => ROOT_SOURCES.test(name));
  const times = await Promise.all([...SOURCES, ...top].map((path) => newest(join(root, path))));
  if (built > Math.max(...times)) return;

  console.log("Building the site: about a minute, once after each update.");
  const child = spawn(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
    cwd: root,
    stdio: "inherit",
    signal,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error("The site could not be built. The reason is above.");
}

async function modified(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined);
  return entry?.mtimeMs ?? 0;
}

async function newest(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const files = await readdir(path, { recursive: true });
  return Math.max(entry.mtimeMs, ...(await Promise.all(files.map((file) => modified(join(path, file))))));
}

// By itself: `npm run build`.
if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildIfNeeded(fileURLToPath(new URL("..", import.meta.url)), new AbortController().signal).catch(
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
