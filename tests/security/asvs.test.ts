import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ASVS, idsOf, requirements } from "./asvs";

test("every requirement has one row, and every row a requirement", () => {
  expect(requirements()).toHaveLength(259);
  expect(Object.keys(ASVS).flatMap(idsOf).toSorted()).toEqual(requirements().toSorted());
});

const named = Object.entries(ASVS).flatMap(([key, row]) => (row.held === "test" ? [{ key, ...row }] : []));

test.each(named)("$key is held by a test that exists", ({ file, name }) => {
  const path = file.startsWith("tests/e2e/") ? file.replace(".test.ts", ".spec.ts") : file;
  expect(existsSync(path), path).toBe(true);
  // A name may be put together from pieces; its beginning stands in the file.
  expect(readFileSync(path, "utf8")).toContain(name);
});

test("who has read enough of the page ends its printing without a word", () => {
  const command = `"${process.execPath}" --import tsx tests/security/print-asvs.ts | head -n 1`;
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "# OWASP ASVS 4.0.3, level 2\n", stderr: "" });
});
