import { DrizzleQueryError } from "drizzle-orm";

const LONGEST_STATEMENT = 1000;

/**
 * A failed statement tells what was asked, never with which values: those are addresses, hashes and experts' texts,
 * and whatever prints an error (a log, Next, a terminal) prints its message. drizzle (0.45) writes the values into
 * the message as it is made, and PostgreSQL repeats them in `detail` and `where`.
 */
Object.defineProperties(DrizzleQueryError.prototype, {
  params: {
    set(this: DrizzleQueryError) {
      this.message = `Failed query: ${this.query.slice(0, LONGEST_STATEMENT)}`;
    },
  },
  cause: {
    set(this: DrizzleQueryError, cause: unknown) {
      if (cause instanceof Error) {
        for (const name of ["detail", "where"]) Reflect.deleteProperty(cause, name);
      }
      Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true });
    },
  },
});
