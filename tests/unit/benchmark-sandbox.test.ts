import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { runPython } from "@/server/benchmark/sandbox";
import { humanevalProcess } from "@/server/benchmark/suites/humaneval";
import { nightly } from "../nightly";

vi.hoisted(() => {
  process.env.CONCORD_RUN_CODE = "true";
});

/** Not every machine lets programs make namespaces; there nothing is run, and the next test says so. */
const canIsolate =
  spawnSync("unshare", [
    ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
    "--mount",
    "--net",
    "true",
  ]).status === 0;

/** The authors' problems, beside the checkout: all of them in test:all. */
const file = resolve(import.meta.dirname, "../../../shared/data/humaneval/HumanEval.jsonl.gz");
const problems = (existsSync(file) ? gunzipSync(readFileSync(file)).toString().trim().split("\n") : [])
  .map((line) =>
    z.looseObject({ task_id: z.string(), canonical_solution: z.string() }).parse(JSON.parse(line)),
  )
  .filter((_, index) => nightly || index % 20 === 0);

describe.skipIf(!canIsolate)("a program of a model", () => {
  const reasonOf = async (code: string, seconds = 10) => (await runPython(code, seconds)).reason;

  test("passes when it comes to its end, and fails by what it raises or how it leaves", async () => {
    expect(await reasonOf("assert sorted([2, 1]) == [1, 2]\nprint('x' * 5000)")).toBeNull();
    expect(await reasonOf("assert 1 == 2, 'no'")).toBe("AssertionError: no");
    expect(await reasonOf("import sys; sys.exit(0)")).toContain("SystemExit");
    expect(await reasonOf("import os; os._exit(0)")).toContain("took too long or too much memory");
    expect(await reasonOf("def f(:")).toContain("SyntaxError");
  });

  test("reaches no network, no file of the machine, and nothing that it could change", async () => {
    expect(await reasonOf("import socket; socket.create_connection(('127.0.0.1', 9), 1)")).toContain(
      "OSError",
    );
    expect(await reasonOf(`open(${JSON.stringify(import.meta.filename)})`)).toContain("FileNotFoundError");
    expect(await reasonOf("open('/etc/passwd')")).toContain("FileNotFoundError");
    expect(await reasonOf("open('/usr/concord', 'w')")).toContain("Read-only file system");
    expect(await reasonOf("import os; os.chroot('/tmp')")).toContain("PermissionError");
    expect(await reasonOf("import os; assert len(os.environ) < 4, sorted(os.environ)")).toBeNull();
    expect(await reasonOf("[0] * 10 ** 9")).toContain("MemoryError");
    expect(await reasonOf("while True: pass", 2)).toContain("took too long");
    expect(await reasonOf("import time; time.sleep(600)", 2)).toContain("took too long");
  }, 180_000);

  test("has few processes and no shared memory, so that the memory of all together is bounded", async () => {
    const forking = `import ctypes, os, time
children = 0
try:
    while children < 64:
        if os.fork() == 0:
            time.sleep(600)
        children += 1
except OSError:
    pass
assert 0 < children < 4, children
assert ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600) == -1`;
    expect(await reasonOf("open('/proc/sys/kernel/shmall', 'w')")).toContain("Read-only file system");
    // Two at once take no processes from each other.
    expect(await Promise.all([reasonOf(forking), reasonOf(forking)])).toEqual([null, null]);
  }, 60_000);

  test("says nothing but how it ended, however it writes, and never more than is read", async () => {
    expect(await reasonOf("import os; os.write(1, b'\\nfailed: \\n'); os.system('echo hello')")).toBeNull();
    expect(await reasonOf("raise ValueError('\\ud800')")).toBe("ValueError: ?");
    const flood = (places: string) =>
      `import os\nwhile True:\n  for place in ${places}:\n    try: os.write(place, b'x' * 65536)\n    except OSError: pass`;
    const { rss } = process.memoryUsage();
    expect(await reasonOf(flood("[1, 2]"), 2)).toContain("took too long");
    expect(await reasonOf(flood("range(3, 9)"), 2)).toContain("took too long");
    expect(process.memoryUsage().rss - rss).toBeLessThan(200e6);
  }, 180_000);

  test("is scored as HumanEval is: the share of answers whose tests end", async () => {
    const document = {
      ...{ task_id: "T/1", prompt: 'def add(a, b):\n    """The sum."""\n', entry_point: "add" },
      test: "def check(candidate):\n    assert candidate(2, 3) == 5\n",
    };
    expect(await humanevalProcess.ofTexts?.(document, ["    return a + b\n", "    return a * b\n"])).toEqual({
      "pass@1": 0.5,
    });
  });

  test.skipIf(problems.length === 0)(
    "of HumanEval's own problems the authors' solutions pass, and no answer does not",
    async () => {
      const wrong: string[] = [];
      for (const problem of problems) {
        const solved = [problem.canonical_solution, "    return None\n"];
        const scores = await Promise.all(solved.map((one) => humanevalProcess.ofTexts?.(problem, [one])));
        const [right, none] = scores.map((one) => one?.["pass@1"]);
        if (right !== 1 || none !== 0) wrong.push(`${problem.task_id}: ${right}, ${none}`);
      }
      expect(wrong).toEqual([]);
    },
    600_000,
  );
});
