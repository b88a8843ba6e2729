import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { settingsOf } from "@/server/env";

const root = resolve(import.meta.dirname, "../..");

/** Two of the programs, which take seconds to load; the others end by the same `endWith`. */
const programs = {
  "npm start": ["workers/start.ts"],
  "npx concord worker": ["workers/cli/bin.mjs", "worker", "--database", "postgres://127.0.0.1:1/none"],
};

describe("a wrong environment variable", () => {
  it.each(Object.entries(programs))("ends %s with one sentence", (_, program) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", ...program], {
      cwd: root,
      env: { ...process.env, PORT: "http", LOG_LEVEL: "loud" },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trim()).toBe(
      "Wrong in the environment: PORT must be a number from 1 to 65535; LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.",
    );
  });

  it("is never repeated: it may be a secret", () => {
    expect(() => settingsOf({ NODE_ENV: "test", AUTH_SECRET: "hunter2" })).toThrow(
      /^Wrong in the environment: AUTH_SECRET must have at least 32 characters\.$/,
    );
  });

  it("set to nothing counts as not set", () => {
    expect(settingsOf({ NODE_ENV: "test", PORT: "", LOG_LEVEL: "" })).toMatchObject({
      PORT: 3000,
      LOG_LEVEL: "info",
    });
  });
});
