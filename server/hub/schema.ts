import { z } from "zod";

/** A repository of the Hugging Face Hub. */
export const repositorySchema = z
  .string()
  .regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/, "Give the repository as owner/name.");

/** What a published dataset or model may be used for. */
export const licenceSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .default("other")
  .describe("An SPDX or Hub licence id.");
