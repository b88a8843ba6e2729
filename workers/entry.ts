import { SettingsError } from "../server/env";

/** Ends a program that cannot start: with one sentence where whoever started it can mend it, else with all there is. */
export function endWith(error: unknown): never {
  console.error(error instanceof SettingsError ? `\n${error.message}` : error);
  process.exit(1);
}
