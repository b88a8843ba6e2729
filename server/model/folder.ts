import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";
import type { Environment } from "../env";

type Places = Pick<Environment, "CONCORD_MODELS" | "CONCORD_DATA">;

/**
 * The files that make up a model, by their names in a Hugging Face directory. Nothing else leaves a folder: neither
 * what lies beside a model by chance, nor what somebody put there to be carried out.
 */
const KNOWN = [
  /^(config|generation_config|adapter_config)\.json$/,
  /^(model|adapter_model)([.-][\w.-]+)?\.safetensors(\.index\.json)?$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template)\.json$/,
  /^(merges|vocab)\.txt$/,
  /^(tokenizer|spiece|sentencepiece\.bpe)\.model$/,
  /^chat_template\.jinja$/,
  /^(README|USE_POLICY)\.md$/,
  /^(LICENSE|NOTICE)(\.(txt|md))?$/,
];

const isModelFile = (name: string) => KNOWN.some((pattern) => pattern.test(name));

/** One sentence for all that can be wrong with a folder: another one would tell what lies elsewhere on the machine. */
export class NoSuchModel extends Error {
  constructor() {
    super(
      "There is no model in that folder: it must hold a config.json and lie below a folder that an admin lists in CONCORD_MODELS.",
    );
    this.name = "NoSuchModel";
  }
}

/** The folders below which models may lie. */
const modelRoots = ({ CONCORD_MODELS }: Places): string[] =>
  CONCORD_MODELS.split(delimiter).filter((root) => isAbsolute(root));

const isBelow = (path: string, root: string) =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** Whether a folder may be named at all. Says nothing about the disk: the workers' is another one. */
export function mayBeNamed(path: string, places: Places): boolean {
  return isAbsolute(path) && modelRoots(places).some((root) => isBelow(resolve(path), resolve(root)));
}

/**
 * Whether a listed root lies on this machine: then a folder below it can be looked at before a run needs it. The
 * workers' machines may have others.
 */
export const seesModels = (places: Places): boolean =>
  modelRoots(places).some((root) => reallyAt(root) !== undefined);

/**
 * The folder of a model as it really lies, links followed: below a listed root, never in the data folder.
 * @throws NoSuchModel, whatever the reason
 */
export function openModelFolder(path: string, places: Places): string {
  const real = reallyAt(path);
  const roots = modelRoots(places).flatMap((root) => reallyAt(root) ?? []);
  const data = reallyAt(places.CONCORD_DATA);
  if (!real || !mayBeNamed(path, places) || !roots.some((root) => isBelow(real, root)))
    throw new NoSuchModel();
  if (data && (isBelow(real, data) || isBelow(data, real))) throw new NoSuchModel();
  if (!existsSync(join(real, "config.json"))) throw new NoSuchModel();
  modelFilesIn(real);
  return real;
}

/**
 * The files of a model, by name: known ones only.
 * @throws NoSuchModel when one of them is a link that leaves the folder
 */
export function modelFilesIn(folder: string): { name: string; path: string }[] {
  const home = boundaryOf(realpathSync(folder));
  return readdirSync(folder)
    .filter(isModelFile)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const real = lstatSync(path).isSymbolicLink() ? reallyAt(path) : path;
      if (real === undefined || (real !== path && !isBelow(real, home))) throw new NoSuchModel();
      return statSync(real).isFile() ? [{ name, path: real }] : [];
    });
}

/** In the Hub's cache a snapshot's files are links to the blobs of the same repository. */
function boundaryOf(folder: string): string {
  const parent = dirname(folder);
  return basename(parent) === "snapshots" ? dirname(parent) : folder;
}

function reallyAt(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
