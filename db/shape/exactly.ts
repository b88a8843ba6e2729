import { z } from "zod";

/** An object without fields that nobody knows: a misspelt one would be a rule that silently does not hold. */
export const exactly = <Fields extends z.core.$ZodShape>(what: string, fields: Fields) =>
  z.strictObject(fields, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `${what} has no field ${issue.keys.map((key) => `"${key}"`).join(", ")}. Its fields: ${Object.keys(fields).join(", ")}.`
        : undefined,
  });
