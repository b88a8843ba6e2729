import { z } from "zod";

/** What a key of the desk does, as far as a person may choose the key. Digits are the verdict on every desk. */
export const deskActions = [
  "tie",
  "bothBad",
  "left",
  "right",
  "up",
  "down",
  "write",
  "edit",
  "flag",
  "skip",
  "undo",
  "submit",
  "raw",
  "diff",
  "scrollLocked",
  "zoom",
  "promptUp",
  "promptDown",
  "earlier",
  "responsesDown",
  "responsesUp",
  "pageDown",
  "pageUp",
  "wrap",
  "guidelines",
  "help",
] as const;
export type DeskAction = (typeof deskActions)[number];

/** One sign, letters in lower case, or the name that browsers give a key. */
const deskKeySchema = z
  .string()
  .max(20)
  .regex(
    /^(?:[^\p{Lu}\p{C}1-9]|[A-Z](?:[a-zA-Z]+|[0-9]+))$/u,
    "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.",
  )
  .refine(
    (key) => key !== "Escape" && key !== "Tab",
    "Escape closes and Tab moves the focus: take another key.",
  );

/** Actions that a person bound to other keys than the usual ones. */
export const deskKeysSchema = z.partialRecord(z.enum(deskActions), deskKeySchema).superRefine((keys, ctx) => {
  const owners = new Map<string, string>();
  for (const [action, key] of Object.entries(keys)) {
    if (key === "0" && action !== "tie")
      ctx.addIssue({
        code: "custom",
        path: [action],
        message: "0 is a rating, or the tenth rank, where a task has one: take another key.",
      });
    const owner = owners.get(key);
    if (owner)
      ctx.addIssue({
        code: "custom",
        path: [action],
        message: `The key “${key}” is given to ${owner} already: give ${action} another one.`,
      });
    owners.set(key, action);
  }
});
export type DeskKeys = z.infer<typeof deskKeysSchema>;
