import type { z } from "zod";

export type Raw = Readonly<Record<string, string | string[] | undefined>>;

/**
 * What an address asks a page to show. A field that is not understood is left out, so that an old link still opens.
 * @param raw the search parameters, as the server or the browser has them
 */
export function fromAddress<T extends z.ZodObject>(schema: T, raw: Raw): z.infer<T> {
  const given = Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) =>
      typeof value === "string" && value ? [[name, value]] : [],
    ),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
  return schema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
}
