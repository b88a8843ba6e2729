import pino from "pino";
import { env } from "./env";

/** One JSON object a line on standard output. Never pass it answers, tokens or passwords. */
export const log = pino({
  level: env().LOG_LEVEL,
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
});
