import { parseArgs } from "node:util";
import { type Command, commands, type Input } from "./commands";

type Asked = { command: Command; input: Input } | { help: string };

const described = ({ usage, summary }: Command) => `  concord ${usage}\n      ${summary}`;
const helpOf = (known: readonly Command[]) => ["concord COMMAND", ...known.map(described)].join("\n");
const isHelp = (word: string) => word === "--help" || word === "-h";

/**
 * What a command line asks for.
 * @throws with the usage for a command or an option that is not known, and for words that are missing or too many
 */
export function read(args: readonly string[]): Asked {
  const [first = "", second = ""] = args;
  if (first === "" || isHelp(first)) return { help: helpOf(Object.values(commands)) };
  if (first === "help") return read([...args.slice(1), "--help"]);

  const name = `${first} ${second}` in commands ? `${first} ${second}` : first;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const group = Object.keys(commands).filter((known) => known.startsWith(`${first} `));
    if (group.length > 0 && isHelp(second)) return { help: helpOf(group.map((known) => commands[known])) };
    throw new Error(`concord ${first} is no command.\n\n${helpOf(Object.values(commands))}`);
  }
  const rest = args.slice(name.split(" ").length);
  if (rest.some(isHelp)) return { help: described(command).trimStart() };
  return { command, input: inputOf(command, rest) };
}

function inputOf(command: Command, args: readonly string[]): Input {
  const refused = (message: string, cause?: unknown) =>
    new Error(`${message}\n\n${described(command).trimStart()}`, { cause });
  let parsed: Input;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: command.options,
      allowPositionals: command.words !== undefined,
    });
    parsed = { options: values, words: positionals };
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error);
  }
  const { length } = parsed.words;
  if (command.words === "one" && length !== 1) throw refused(`One word is asked for here, not ${length}.`);
  if (command.words === "some" && length === 0) throw refused("Name at least one file.");
  return parsed;
}
