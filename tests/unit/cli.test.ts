import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commands } from "@/workers/cli/commands";
import { read } from "@/workers/cli/read";

describe("what npx concord is asked", () => {
  it("takes words and options in any order", () => {
    const { command, input } = asked("import", "--seats", "3", "a.jsonl", "--dry-run", "b.csv");
    expect(command).toBe(commands.import);
    expect(input.words).toEqual(["a.jsonl", "b.csv"]);
    expect(input.options).toEqual({ seats: "3", "dry-run": true });
    expect(asked("datasets", "freeze", "--dataset", "best").input.options).toEqual({ dataset: "best" });
  });

  it.each(Object.keys(commands))("%s says how it is used, and knows every option that it names", (name) => {
    const words = name.split(" ");
    for (const line of [
      [...words, "--help"],
      [...words, "-h"],
      ["help", ...words],
    ])
      expect(read(line)).toEqual({ help: expect.stringContaining(`concord ${commands[name].usage}`) });
    const named = [...commands[name].usage.matchAll(/--([\w-]+)/g)].map(([, option]) => option);
    expect(Object.keys(commands[name].options).toSorted()).toEqual(named.toSorted());
  });

  it.each([
    [["import", "a.jsonl", "--dryrun"], /Unknown option '--dryrun'/],
    [["import", "a.jsonl", "--dry-run=no"], /--dry-run.+does not take an argument/],
    [["import", "a.jsonl", "--project", "--dry-run"], /'--project' argument is ambiguous/],
    [["import", "--project", "p"], /Name at least one file/],
    [["submit", "a", "b", "--answers", "c.json"], /One word/],
    [["next", "p"], /Unexpected argument 'p'/],
  ])("%j is refused with the command's usage", (line, message) => {
    expect(() => read(line)).toThrow(message);
    expect(() => read(line)).toThrow(`concord ${commands[line[0]].usage}`);
  });

  it.each(["nonsense", "datasets", "toString"])("%s is no command", (name) => {
    expect(() => read([name])).toThrow(`concord ${name} is no command.`);
  });

  it("prints help to standard output, errors to standard error, and ends with 0 and 1", () => {
    const concord = (...line: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ["workers/cli/bin.mjs", ...line], {
        encoding: "utf8",
      });
      return { status, stdout, stderr };
    };
    expect(concord("--help")).toMatchObject({ status: 0, stderr: "" });
    expect(concord("import", "--help").stdout).toMatch(/^concord import FILE/);
    const refused = concord("import", "a.jsonl", "--dryrun");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).not.toMatch(/\n {4}at /);
  });
});

function asked(...line: string[]) {
  const found = read(line);
  if ("help" in found) throw new Error(found.help);
  return found;
}
