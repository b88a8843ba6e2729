import { z } from "zod";

/** What a published dataset or model may be used for. */
export const licenceSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .default("other")
  .describe("An SPDX or Hub licence id.");
