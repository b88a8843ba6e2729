import pino from "pino";
import { logLevel } from "./env";

/** One JSON object a line on standard output. Never pass it answers, tokens or passwords. */
export const log = pino({
  level: logLevel(),
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
});
