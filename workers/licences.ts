import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { endWithReader } from "./entry";

/** `npm run licences`: every package that comes with the platform, by licence; fails for one that nobody has judged. */

/** Licences that ask for no more than a notice, or for changes to the package itself to be shown. */
const FINE =
  /^(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-[34]\.0|Python-2\.0|Unlicense|Zlib|WTFPL|PostgreSQL|MPL-2\.0|LGPL-3\.0-or-later)$/;

const lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** `(MIT OR Apache-2.0)`: one of them is enough; `A AND B`: both have to be. */
function isFine(expression: string): boolean {
  return expression
    .replace(/[()]/g, "")
    .split(/ OR /i)
    .some((choice) => choice.split(/ AND /i).every((licence) => FINE.test(licence.trim())));
}

endWithReader();
const root = process.cwd();
const { packages } = lock.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
const byLicence = new Map<string, string[]>();
for (const [path, { version, license = "none stated", dev, link }] of Object.entries(packages)) {
  if (!path || dev || link) continue;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  byLicence.set(license, [...(byLicence.get(license) ?? []), `${name} ${version ?? ""}`.trim()]);
}
let unjudged = 0;
for (const [licence, names] of [...byLicence].toSorted(([a], [b]) => a.localeCompare(b))) {
  const fine = isFine(licence);
  if (!fine) unjudged += names.length;
  console.log(`\n${licence}: ${names.length}${fine ? "" : "  ← nobody has judged this licence"}`);
  console.log(`  ${[...new Set(names)].toSorted().join(", ")}`);
}
process.exitCode = unjudged > 0 ? 1 : 0;
