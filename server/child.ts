import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

/** What a program needs of its surroundings: where things are, which devices there are, which certificates hold. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|DYLD_\w+|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|NODE_ENV|XDG_\w+|DISPLAY|VK_\w+|CUDA_\w+|NVIDIA_\w+|NCCL_\w+|HIP_\w+|ROCR_\w+|HSA_\w+|OMP_\w+|MKL_\w+|OPENBLAS_\w+|TORCH\w*|PYTORCH_\w+|TRITON_\w+|ORT_\w+|PYTHON(HASHSEED|UNBUFFERED|PATH))$/;

/** The environment without secrets, for a process that works on what people bring. */
export function cleanEnvironment(also: readonly string[] = []): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => NEEDED.test(name) || also.includes(name));
  return { ...Object.fromEntries(kept), NODE_ENV: process.env.NODE_ENV };
}

/** Where the bytes of files are read, and how much is logged. */
export const STORE_VARIABLES = [
  "CONCORD_DATA",
  "CONCORD_STORE",
  "CONCORD_WORKER_TOKEN",
  "S3_ENDPOINT",
  "S3_BUCKET",
  "S3_REGION",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "LOG_LEVEL",
];

/** A child was ended because it took more than it may. */
export class TooMuch extends Error {
  override name = "TooMuch";
}

const LOOK_MS = 50;

interface Caged {
  /** A program of this repository, by its path from the root. */
  program: string;
  input: unknown;
  env: NodeJS.ProcessEnv;
  memoryMiB: number;
  /** Absent: as long as it takes. */
  timeMs?: number;
  signal?: AbortSignal;
  onMessage(message: unknown): void;
}

/**
 * Runs a program of ours in a process of its own, on input that may be hostile: whatever it is made to do, it has so
 * much memory and time, and this process none of the work. Its resident memory is what the kernel says.
 * @throws TooMuch when it was ended for taking more; the signal's reason when that ended it
 */
export async function runCaged({
  program,
  input,
  env,
  memoryMiB,
  timeMs,
  signal,
  onMessage,
}: Caged): Promise<void> {
  signal?.throwIfAborted();
  // Not fork, whose program the site's build would take for a module of its own.
  const child = spawn(process.execPath, [`--max-old-space-size=${memoryMiB}`, "--import", "tsx", program], {
    env,
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  let why: string | undefined;
  const tooMuch = (what: string) => {
    why = what;
    kill();
  };
  const timer = timeMs ? setTimeout(() => tooMuch(`more than ${timeMs / 1000} seconds`), timeMs) : undefined;
  const watch = setInterval(async () => {
    if ((await residentMiB(child)) > memoryMiB) tooMuch(`more than ${memoryMiB} MB of memory`);
  }, LOOK_MS);
  child.on("message", onMessage);
  try {
    child.send({ input });
    const [code, killer] = await once(child, "exit");
    signal?.throwIfAborted();
    if (why) throw new TooMuch(why);
    // V8 ends a process by SIGABRT or this status when its heap is full.
    if (killer === "SIGABRT" || code === 134) throw new TooMuch(`more than ${memoryMiB} MB of memory`);
    if (code !== 0) throw new Error(`${program} ended ${killer ? `by ${killer}` : `with status ${code}`}.`);
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener("abort", kill);
    kill();
  }
}

/** Where the kernel does not tell, the limit of the heap holds alone. */
async function residentMiB({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
