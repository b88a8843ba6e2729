import type { RunKind } from "../../server/run/schema";
import type { Handler } from "../handler";

/** What this package's workers can do, a handler a kind. */
export const handlers: Partial<Record<RunKind, Handler>> = {};
