import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { EngineError } from "../errors";
import { parseRunSpec, type RunSpec } from "./spec";

/**
 * Reads a run.yaml, fills in defaults and makes its paths absolute (they are relative to the file).
 * @throws EngineError with one sentence for each problem; nothing has been written by then.
 */
export function readRunSpec(file: string): RunSpec {
  const path = resolve(file);
  if (!existsSync(path)) throw new EngineError(`${path} does not exist: give the path of a run.yaml.`);
  const { spec, problems } = parseRunSpec(parseYaml(path));
  if (spec === null) {
    throw new EngineError(problems.map(({ message }) => `${path}: ${message}`).join("\n"));
  }
  return withAbsolutePaths(spec, dirname(path));
}

function parseYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new EngineError(`${path} is not valid YAML: ${error.message}`);
    throw error;
  }
}

function withAbsolutePaths<Spec extends RunSpec>(spec: Spec, directory: string): Spec {
  const from = (path: string) => resolve(directory, path);
  const optional = (path: string | null) => (path === null ? null : from(path));
  return {
    ...spec,
    model: from(spec.model),
    adapter: optional(spec.adapter),
    train: from(spec.train),
    eval: optional(spec.eval),
    output: from(spec.output),
    chat_template_path: optional(spec.chat_template_path),
  };
}
