import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** What a program needs of its surroundings: where things are, which devices there are, which certificates hold. */
const NEEDED = new RegExp(
  `^(${[
    "PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\\w+|TZ|TMPDIR|TEMP|TMP|DISPLAY|XDG_\\w+|SSL_CERT_\\w+",
    "LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\\w+|MALLOC_\\w+|NODE_ENV|NODE_OPTIONS|NODE_EXTRA_CA_CERTS",
    "PYTHON(HASHSEED|UNBUFFERED|PATH)|VIRTUAL_ENV|CONDA_PREFIX|CC|CXX|CPATH|LIBRARY_PATH|BNB_\\w+|VK_\\w+|CUDA_\\w+|CUBLAS_\\w+|NVIDIA_\\w+|NCCL_\\w+|GLOO_\\w+",
    "HIP_\\w+|ROCR_\\w+|HSA_\\w+|OMP_\\w+|KMP_\\w+|MKL_\\w+|OPENBLAS_\\w+|ORT_\\w+|TORCH\\w*|PYTORCH_\\w+|TRITON_\\w+",
    // Caches and whether to ask the Hub, never its token.
    "TOKENIZERS_PARALLELISM|HF_(HOME|HUB_CACHE|DATASETS_CACHE|HUB_OFFLINE|DATASETS_OFFLINE)",
  ].join("|")})$`,
);

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

export interface Command {
  file: string;
  args: readonly string[];
  /** It works on files alone: where the system lets us, it gets no network. */
  offline?: boolean;
}

interface Surroundings extends Pick<SpawnOptions, "cwd" | "stdio" | "serialization" | "signal" | "timeout"> {
  /** Variables that it needs beside the usual ones. */
  also?: readonly string[];
  /** Values of its own. */
  set?: Readonly<Record<string, string>>;
}

/**
 * Starts a process that works on what people bring: the one way to do so, with an environment that holds no secret but
 * those it is named. (Not fork, whose program the site's build would take for a module of its own.)
 */
export function startChild(command: Command, { also, set, ...options }: Surroundings): ChildProcess {
  const [file = command.file, ...args] = [
    ...(command.offline ? withoutNetwork() : []),
    ...[command.file, ...command.args],
  ];
  return spawn(file, args, { ...options, env: { ...cleanEnvironment(also), ...set } });
}

/** A child that is over, and what it said. */
export interface Said {
  code: number | null;
  output: string;
  complaint: string;
}

/** Runs a program to its end. @throws when it cannot be started or is aborted */
export async function runChild(
  command: Command,
  options: Omit<Surroundings, "stdio" | "serialization">,
): Promise<Said> {
  const child = startChild(command, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const [output, complaint, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  return { code, output, complaint };
}

let unshare: readonly string[] | undefined;

/**
 * The words before a command that leave it no network, its own machine's included: util-linux' unshare, as root or by a
 * user namespace. Whether that is allowed here is tried once; none where it is not.
 */
export function withoutNetwork(): readonly string[] {
  const ways = [["--net"], ["--user", "--map-current-user", "--net"]];
  const works = (flags: readonly string[]) =>
    spawnSync("unshare", [...flags, "true"], { stdio: "ignore", env: cleanEnvironment() }).status === 0;
  unshare ??= ways.flatMap((flags) => (works(flags) ? [["unshare", ...flags]] : []))[0] ?? [];
  return unshare;
}

/** A child was ended because it took more than it may. */
export class TooMuch extends Error {
  override name = "TooMuch";
}

/** A child was ended from outside, by a person or by the kernel when memory ran out. */
export class Killed extends Error {
  override name = "Killed";
  /** It had stored more of its work than it found, so that it will come to an end however often this happens. */
  readonly gotFurther: boolean;

  constructor(message: string, { gotFurther = false } = {}) {
    super(message);
    this.gotFurther = gotFurther;
  }
}

const LOOK_MS = 50;

interface Caged {
  /** A program of this repository, by its path from the root. */
  program: string;
  input: unknown;
  /** Variables that it needs beside the usual ones. */
  also?: readonly string[];
  set?: Readonly<Record<string, string>>;
  /** It works on files alone: where the system lets us, it gets no network. */
  offline?: boolean;
  /** Absent: as much as there is. */
  memoryMiB?: number;
  /** Absent: as long as it takes. */
  timeMs?: number;
  /** It says something at least so often, or hangs. Absent: it may be silent. */
  silenceMs?: number;
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
  also,
  set,
  offline,
  memoryMiB = Number.POSITIVE_INFINITY,
  timeMs,
  silenceMs,
  signal,
  onMessage,
}: Caged): Promise<void> {
  signal?.throwIfAborted();
  const heap = Number.isFinite(memoryMiB) ? [`--max-old-space-size=${memoryMiB}`] : [];
  const child = startChild(
    { file: process.execPath, args: [...heap, "--import", "tsx", program], offline },
    { also, set, serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  let why: string | undefined;
  const tooMuch = (what: string) => {
    why = what;
    kill();
  };
  const timer = timeMs ? setTimeout(() => tooMuch(`more than ${timeMs / 1000} seconds`), timeMs) : undefined;
  const silence = silenceMs
    ? setTimeout(() => tooMuch(`more than ${silenceMs / 1000} seconds at one place`), silenceMs)
    : undefined;
  child.on("message", () => silence?.refresh());
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
    if (killer) throw new Killed(`${program} was ended by ${killer}.`);
    if (code !== 0) throw new Error(`${program} ended with status ${code}.`);
  } finally {
    clearTimeout(timer);
    clearTimeout(silence);
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
