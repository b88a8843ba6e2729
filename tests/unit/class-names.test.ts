import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extendTailwindMerge } from "tailwind-merge";
import { expect, test } from "vitest";
import { cn } from "@/app/components/ui/cn";

const app = join(import.meta.dirname, "../../app");
const whole = extendTailwindMerge({ extend: { theme: { text: ["2xs", "read"], shadow: ["pop", "card"] } } });

/** The last part of `md:hover:p-2`: a colon within brackets belongs to a value. */
const utilityOf = (name: string) => name.slice((/^(?:[^[(]*:)?/.exec(name)?.[0] ?? "").length);

/** Every utility that stands in a text of the app, one of those that differ by a number alone. */
function utilities(): string[] {
  const found = new Map<string, string>();
  for (const file of readdirSync(app, { recursive: true, encoding: "utf8" })) {
    // Its own names of groups are no classes.
    if (!/\.tsx?$/.test(file) || file.endsWith("cn.ts")) continue;
    for (const [, text] of readFileSync(join(app, file), "utf8").matchAll(/["`]([^"`\n]*)["`]/g))
      for (const name of text.split(/\s+/)) {
        const utility = utilityOf(name);
        if (/^[-a-z[]/.test(utility) && whole(`${utility} ${utility}`) === utility)
          found.set(utility.replace(/[\d.]+/g, "0"), utility);
      }
  }
  return [...found.values()];
}

test("of every two utilities of the app the later wins where tailwind-merge's whole configuration says so", () => {
  const all = utilities();
  expect(all.length).toBeGreaterThan(200);
  const differ = all.flatMap((one) =>
    all
      .map((other) => `${one} ${other}`)
      .filter((both) => whole(both) !== cn(both))
      .map((both) => `${both}: ${whole(both)}, not ${cn(both)}`),
  );
  expect(differ).toEqual([]);
  expect(cn("hover:p-2 px-4", "md:p-1 hover:p-3 p-0")).toBe("md:p-1 hover:p-3 p-0");
});
