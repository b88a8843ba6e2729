import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run torch:setup`: makes the torch engine's environment in workers/torch/.venv, for the GPU where
 * `nvidia-smi` finds one, else for the CPU. Run again, it does nothing unless the lock or the machine changed.
 */

const folder = fileURLToPath(new URL(".", import.meta.url));
const environment = join(folder, ".venv");
const python = join(environment, "bin/python");
/** Written last: an environment without it is not complete. */
const stamp = join(environment, "concord.json");

const TORCH = "2.13.0";
/** Only where there is CUDA: 4-bit models. */
const CUDA_PACKAGES = ["bitsandbytes==0.50.2"];
/** Built on this machine, and missed by nothing but `distributed: deepspeed_zero3`. */
const DEEPSPEED = "deepspeed==0.19.8";
const CPU_WHEELS = "https://download.pytorch.org/whl/cpu";

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const works = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** A Python that the package supports. */
function findPython(): string {
  const check = "import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))";
  const found = ["python3", "python3.13", "python3.12", "python3.11"].find((name) => works(name, ["-c", check]));
  return found ?? fail("The torch engine needs Python 3.11, 3.12 or 3.13 with venv: install one and run this again.");
}

/** Runs pip; its own lines are shown only where it fails. */
function pip(args: readonly string[]): string | null {
  const { status, stderr, stdout } = spawnSync(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...args],
    { encoding: "utf8" },
  );
  return status === 0 ? null : stderr.trim() || stdout.trim() || "pip failed";
}

function install(title: string, ...ways: readonly (readonly string[])[]): void {
  console.log(`${title} …`);
  let reason: string | null = null;
  for (const way of ways) {
    reason = pip(way);
    if (reason === null) return;
  }
  fail(`${title} failed: ${reason}`);
}

const lock = readFileSync(join(folder, "requirements.lock"), "utf8");
const hasGpu = works("nvidia-smi", ["-L"]);
const wanted = JSON.stringify({
  device: hasGpu ? "cuda" : "cpu",
  torch: TORCH,
  lock: createHash("sha256").update(lock).digest("hex"),
});
if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
  console.log("The torch engine is set up already; remove workers/torch/.venv to make it anew.");
  process.exit(0);
}

const found = findPython();
console.log(`Setting up the torch engine for ${hasGpu ? "CUDA" : "the CPU (no nvidia-smi here)"} with ${found}.`);
rmSync(environment, { recursive: true, force: true });
const made = spawnSync(found, ["-m", "venv", environment], { encoding: "utf8" });
if (made.status !== 0) fail(`${found} -m venv failed: ${made.stderr.trim() || made.stdout.trim()}`);

// PyPI's Linux wheel brings gigabytes of CUDA: without a GPU the CPU build is taken, from wherever pip looks already,
// else from PyTorch's own index. Elsewhere (macOS) PyPI's is the only one.
const plain = [`torch==${TORCH}`];
const cpu = [`torch==${TORCH}+cpu`];
if (hasGpu) install("PyTorch with CUDA", plain);
else if (process.platform === "linux" && process.arch === "x64")
  install("PyTorch for the CPU", cpu, [...cpu, "--extra-index-url", CPU_WHEELS], plain);
else install("PyTorch", plain);
install("TRL, transformers, PEFT and what they need", ["--requirement", join(folder, "requirements.lock")]);
if (hasGpu) install("bitsandbytes", ["--no-deps", ...CUDA_PACKAGES]);
if (hasGpu) {
  console.log("DeepSpeed …");
  const reason = pip([DEEPSPEED]);
  if (reason !== null)
    console.log(
      `DeepSpeed cannot be installed, so runs with distributed: deepspeed_zero3 are refused: ${reason}`,
    );
}

// The package itself is read where it lies.
const site = spawnSync(python, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], { encoding: "utf8" });
writeFileSync(join(site.stdout.trim(), "concord.pth"), `${folder}\n`);
const check = "import torch, concord_torch.run; print(torch.__version__, torch.cuda.is_available())";
const checked = spawnSync(python, ["-c", check], { encoding: "utf8", env: { ...process.env, PYTHONPATH: "" } });
if (checked.status !== 0) fail(`The engine does not start: ${checked.stderr.trim().split("\n").at(-1)}`);
if (hasGpu && !checked.stdout.includes("True"))
  fail(`PyTorch sees no GPU though nvidia-smi does: check that the driver fits torch ${TORCH}.`);
writeFileSync(stamp, wanted);
console.log(`Done: torch ${checked.stdout.trim().split(" ")[0]}. A worker that starts now offers the torch engine.`);
