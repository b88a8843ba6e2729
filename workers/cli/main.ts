import { endWithReader } from "../entry";
import { read } from "./read";

/** `npx concord …`: everything through the HTTP API. */
endWithReader();
try {
  const asked = read(process.argv.slice(2));
  if ("help" in asked) console.log(asked.help);
  else await asked.command.run(asked.input);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
