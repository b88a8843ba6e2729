/**
 * Runs Python that a model wrote. It gets a root of its own with nothing but the system's programs, read-only: no
 * network, none of this machine's files or processes, no privileges, and little time and memory. Namespaces of Linux do
 * that (util-linux' unshare, setpriv and prlimit); where they cannot, nothing runs.
 */
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { startChild } from "../child";
import { env } from "../env";
import { headOf } from "../import/source/bytes";
import { InputError } from "../statistics/estimate";

/** Of addresses, of each process. */
const MEMORY_BYTES = 1_000_000_000;
/** At once, threads too: all together hold at most so many times the memory of one. */
const PROCESSES = 4;
/**
 * Users that nobody is, those that systemd keeps for services while they run. Processes are counted by user: each
 * program gets its own, so that those of two workers on one machine take none from each other.
 */
const USERS = { from: 61184, below: 65520 } as const;
/** What is read of what it says: a word or an exception. Whoever finds a way to write more speaks to nobody. */
const SAID_BYTES = 64 * 1024;

/** Builds the root and goes into it; the Python program reads what it runs from its standard input. */
const enter = `set -e
mount --make-rprivate /
mount -t tmpfs -o size=4m,mode=755 tmpfs "$ROOT"
for place in /usr /lib /lib64 /bin; do
  if [ -L "$place" ]; then ln -s "$(readlink "$place")" "$ROOT$place"
  elif [ -d "$place" ]; then
    mkdir -p "$ROOT$place"
    mount --bind "$place" "$ROOT$place"
    mount -o remount,bind,ro,nosuid,nodev "$ROOT$place"
  fi
done
mkdir "$ROOT/tmp" "$ROOT/proc" "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
# Shared memory counts among no process's addresses: there is none. An older kernel lets only root say so.
echo 0 2>/dev/null > "$ROOT/proc/sys/kernel/shmall" || [ -z "$DROP" ]
mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
mount -o remount,bind,ro,nosuid,nodev,noexec "$ROOT/proc/sys"
mount -t tmpfs -o size=16m,mode=1777,nosuid,nodev tmpfs "$ROOT/tmp"
: > "$ROOT/dev/null"
mount --bind /dev/null "$ROOT/dev/null"
cd /
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$ROOT" setpriv $DROP --inh-caps=-all --bounding-set=-all --no-new-privs \\
  prlimit --as=${MEMORY_BYTES} --cpu="$SECONDS_AT_MOST" --nproc=${PROCESSES} --fsize=1000000 --nofile=64 --core=0 \\
  "$PYTHON" -I -B -c "$PROGRAM"`;

/** What is said first, from within: whatever comes then, the program was kept apart. */
const entered = "entered";

/**
 * A program passes when it comes to its end; what it prints, from Python or past it, and how it leaves tell nothing.
 */
const program = `import contextlib, io, json, os, signal, sys
given = json.load(sys.stdin)
said = os.fdopen(os.dup(1), "w", errors="replace")
print("${entered}", file=said, flush=True)
nowhere = os.open("/dev/null", os.O_WRONLY)
os.dup2(nowhere, 1)
os.dup2(nowhere, 2)
signal.signal(signal.SIGALRM, lambda *_: os._exit(1))  # the first process of its kind ignores what it does not handle
signal.setitimer(signal.ITIMER_REAL, given["seconds"])
try:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(given["code"], {"__name__": "__main__"})
except BaseException as error:
    said.write("failed: " + type(error).__name__ + ": " + str(error).split("\\n")[0][:200])
else:
    said.write(given["word"])
said.flush()`;

interface Ran {
  readonly passed: boolean;
  /** Why it did not: the exception, or that it took too long. */
  readonly reason: string | null;
}

/**
 * Runs a program to its end.
 * @param seconds of wall time and of processor
 * @throws InputError where code is not allowed to run, or cannot be kept apart from this machine
 */
export async function runPython(code: string, seconds: number): Promise<Ran> {
  if (!env().CONCORD_RUN_CODE)
    throw new InputError(
      `This benchmark runs programs that the model writes, which is off: an admin turns it on with CONCORD_RUN_CODE=true, on a machine where that may be.`,
    );
  const answer = await isolated(code, seconds);
  if (answer.kind === "no sandbox")
    throw new InputError(
      `This benchmark runs programs that the model writes, and they cannot be kept apart here (${answer.reason}): it needs Linux with namespaces, util-linux and a python3 below /usr. Nothing was run.`,
    );
  return answer;
}

type Answer = ({ readonly kind: "ran" } & Ran) | { readonly kind: "no sandbox"; readonly reason: string };

async function isolated(code: string, seconds: number): Promise<Answer> {
  const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((path) => existsSync(path));
  if (!python) return { kind: "no sandbox", reason: "there is no python3" };
  const root = mkdtempSync(join(tmpdir(), "concord-code-"));
  const isRoot = process.getuid?.() === 0;
  const user = randomInt(USERS.from, USERS.below);
  const word = randomUUID();
  const child = startChild(
    {
      file: "unshare",
      args: [
        ...(isRoot ? [] : ["--user", "--map-root-user"]),
        ...["--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-c", enter],
      ],
    },
    {
      stdio: ["pipe", "pipe", "pipe"],
      set: {
        ...{ ROOT: root, PYTHON: python, PROGRAM: program, SECONDS_AT_MOST: String(Math.ceil(seconds)) },
        // A user of a namespace has no others to become; it has no rights either.
        DROP: isRoot ? `--reuid ${user} --regid ${user} --clear-groups` : "",
      },
    },
  );
  /** Beside the program's own time: making the root, on a busy machine. */
  const timer = setTimeout(() => child.kill("SIGKILL"), (seconds + 20) * 1000);
  try {
    child.stdin?.on("error", () => {});
    child.stdin?.end(JSON.stringify({ code, word, seconds }));
    const [said, complaint] = await Promise.all([
      saidOn(child.stdout),
      saidOn(child.stderr),
      once(child, "exit"),
    ]);
    const [begun, end] = said.split("\n", 2);
    if (begun === entered) {
      if (end === word) return { kind: "ran", passed: true, reason: null };
      const reason = end?.startsWith("failed: ") ? end.slice(8) : "it took too long or too much memory";
      return { kind: "ran", passed: false, reason };
    }
    return { kind: "no sandbox", reason: complaint.trim().split("\n").at(-1) ?? "unshare failed" };
  } catch (error) {
    return { kind: "no sandbox", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    rmSync(root, { recursive: true, force: true });
  }
}

async function saidOn(stream: Readable | null): Promise<string> {
  return stream ? (await headOf(stream, SAID_BYTES)).head.toString() : "";
}
