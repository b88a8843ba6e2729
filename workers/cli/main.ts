import { parseArgs } from "node:util";
import { commands } from "./commands";

const usage = [
  "concord COMMAND",
  ...Object.values(commands).map(({ usage, summary }) => `  concord ${usage}\n      ${summary}`),
].join("\n");

/** `npx concord …`: everything through the HTTP API. */
async function main(): Promise<void> {
  const [first = "", second = "", ...rest] = process.argv.slice(2);
  const name = `${first} ${second}` in commands ? `${first} ${second}` : first;
  const command = commands[name];
  if (!command) {
    console.error(usage);
    process.exitCode = first === "" || first === "help" || first === "--help" ? 0 : 1;
    return;
  }
  const args = name === first ? process.argv.slice(3) : rest;
  await command.run(inputOf(args));
}

/** Options may come before or after words; one followed by another option is a switch. */
function inputOf(args: readonly string[]) {
  const { tokens } = parseArgs({ args: [...args], strict: false, allowPositionals: true, tokens: true });
  const words: string[] = [];
  const options: Record<string, string | boolean> = {};
  let open: string | null = null;
  for (const token of tokens) {
    if (token.kind === "option") {
      options[token.name] = token.value ?? true;
      open = token.value === undefined ? token.name : null;
    } else if (token.kind === "positional") {
      if (open !== null && !switches.has(open)) options[open] = token.value;
      else words.push(token.value);
      open = null;
    }
  }
  return { words, options };
}

/** Options that take no value. */
const switches = new Set(["dry-run", "skip-bad-rows"]);

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
