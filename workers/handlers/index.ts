import type { RunKind } from "../../server/run/schema";
import type { Handler } from "../handler";
import { exportVersion } from "./export";
import { freeze } from "./freeze";
import { push } from "./push";

/** What this package's workers can do, a handler a kind. */
export const handlers: Partial<Record<RunKind, Handler>> = {
  freeze,
  export: exportVersion,
  push,
};
