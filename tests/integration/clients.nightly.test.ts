import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runningSite } from "../running-site";
import { nodeTools, openApiTools, pythonTools, tool } from "../tools";

/** What others make of the API's document: types, clients, a linter, and a fuzzer that holds us to every word of it. */
const TOKEN = "concord_a_token_for_one_run_of_other_peoples_tools";
const fixtures = join(import.meta.dirname, "fixtures");
const folder = await mkdtemp(join(tmpdir(), "concord-clients-"));
const document = join(folder, "openapi.json");
const noPython = pythonTools(folder, openApiTools);
const noNode = nodeTools(folder);
for (const why of [noPython, noNode]) if (why) console.log(why);

let site: Awaited<ReturnType<typeof runningSite>>;
let env: Record<string, string>;

beforeAll(async () => {
  site = await runningSite(TOKEN);
  env = { CONCORD_URL: site.address, CONCORD_TOKEN: TOKEN };
  await writeFile(document, await (await fetch(`${site.address}/api/v1/openapi.json`)).text());
}, 1_200_000);

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** A frozen version of the one judgement that was given, and files of it. */
const LOOPED = /^1 \d+$/m;

describe.skipIf(noNode !== null)("in TypeScript", () => {
  const bin = (name: string) => join(folder, "node_modules/.bin", name);

  test("redocly finds nothing to say against the document", () => {
    const said = tool("sh", ["-c", `${bin("redocly")} lint openapi.json 2>&1`], folder);
    expect(said).toContain("Your API description is valid");
    expect(said).not.toMatch(/\d+ warning/);
  });

  test("a client of openapi-typescript goes through the loop", async () => {
    tool(bin("openapi-typescript"), ["openapi.json", "-o", "api.d.ts"], folder);
    await copyFile(join(fixtures, "client.ts.txt"), join(folder, "client.ts"));
    const strict = ["--strict", "--target", "es2022", "--module", "preserve", "--lib", "es2022,dom"];
    const types = ["--typeRoots", join(process.cwd(), "node_modules/@types"), "--types", "node"];
    tool(bin("tsc"), [...strict, ...types, "--noEmit", "client.ts"], folder);
    const tsx = join(process.cwd(), "node_modules/tsx/dist/loader.mjs");
    expect(tool(process.execPath, ["--import", tsx, "client.ts"], folder, env)).toMatch(LOOPED);
  });
});

describe.skipIf(noPython !== null)("in Python", () => {
  const bin = (name: string) => join(folder, "python/bin", name);

  test("a client of openapi-python-client goes through the loop", async () => {
    // It finds ruff by the path.
    const path = { PATH: `${join(folder, "python/bin")}:${process.env.PATH}` };
    const said = tool(
      bin("openapi-python-client"),
      [
        "generate",
        "--path",
        document,
        "--output-path",
        join(folder, "concord_client"),
        "--meta",
        "none",
        "--fail-on-warning",
      ],
      folder,
      path,
    );
    expect(said).not.toMatch(/warning/i);
    await copyFile(join(fixtures, "client.py"), join(folder, "client.py"));
    expect(tool(bin("python"), ["client.py"], folder, env)).toMatch(LOOPED);
  });

  test("schemathesis gets no 5xx, no status and no answer that the document does not tell", () => {
    tool(
      bin("schemathesis"),
      [
        ...["run", document, "--url", `${site.address}/api/v1`, "--header", `Authorization: Bearer ${TOKEN}`],
        ...[
          "--checks",
          "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ],
        ...["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1"],
        // These end the token that asks, or the instance's use of it.
        ...["--exclude-operation-id", "token.revoke", "--exclude-operation-id", "person.setPassword"],
        // A live stream goes on for as long as it is read.
        ...["--exclude-operation-id", "run.watch"],
      ],
      folder,
    );
  });
});
