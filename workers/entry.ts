import { SettingsError } from "../server/env";

/** A reader who has seen enough (`… | head`) ends the program that prints for it, without a word. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

/** Ends a program that cannot start: with one sentence where whoever started it can mend it, else with all there is. */
export function endWith(error: unknown): never {
  console.error(error instanceof SettingsError ? `\n${error.message}` : error);
  process.exit(1);
}
