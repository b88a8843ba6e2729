import { z } from "zod";

/** A constitution: one of its principles is drawn for each use. */
export const principles = z
  .array(z.string().trim().min(1))
  .min(1)
  .max(100)
  .default([
    "The response helps with what was asked, completely and without detours.",
    "The response says nothing that is untrue, and says so where it is not sure.",
    "The response does not help anybody to harm people, and declines politely where that is asked.",
    "The response is respectful to everybody, whatever their origin, sex, faith or opinion.",
  ])
  .describe("The principles, one sentence each; one is drawn each time.");
