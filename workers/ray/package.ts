import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { strToU8, type Zippable, zipSync } from "fflate";

const source = fileURLToPath(new URL("../torch/concord_torch", import.meta.url));

/** The earliest time that a zip can hold: the same files always make the same bytes, and so the same name. */
const NO_TIME = new Date(1980, 0, 1);

/** The working directory of a job: the torch engine and its run.yaml. Data and models travel by themselves. */
export function jobPackage(runYaml: string): Uint8Array {
  const files: Zippable = {};
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" }).sort())
    if (/\.(py|json|typed|jinja)$/.test(name))
      files[`concord_torch/${name.replaceAll("\\", "/")}`] = readFileSync(join(source, name));
  return zipSync({ ...files, "run.yaml": strToU8(runYaml) }, { mtime: NO_TIME });
}
