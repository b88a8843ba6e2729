import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ConcordApi } from "./api";

const file = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "concord/credentials.json");
const credentialsSchema = z.object({ url: z.url(), token: z.string() });

/** Remembers where Concord is and who we are, readable by this user only. */
export async function remember(credentials: z.infer<typeof credentialsSchema>): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  // Anew: a file that was there keeps the rights that it has.
  await rm(file, { force: true });
  await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** The API as `concord login` left it; CONCORD_URL and CONCORD_TOKEN go before. */
export async function signedIn(): Promise<ConcordApi> {
  const { CONCORD_URL, CONCORD_TOKEN } = process.env;
  if (CONCORD_URL && CONCORD_TOKEN) return new ConcordApi(CONCORD_URL, CONCORD_TOKEN);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null)
    throw new Error("Sign in first: concord login --url http://localhost:3000 --token TOKEN");
  const { url, token } = credentialsSchema.parse(JSON.parse(text));
  return new ConcordApi(url, token);
}
