import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "@/db/embedded/port";
import { referencePython } from "@/tests/python";

/** A Python that can run a Ray cluster, or null. */
export function rayPython(): string | null {
  const python = referencePython();
  if (!python) return null;
  const code =
    "import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, ('ray', 'aiohttp_cors'))))";
  return spawnSync(python, ["-c", code]).status === 0 ? python : null;
}

/** A real two-node cluster on this machine that asks for a token. */
export class TestCluster {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, port: number) {
    this.address = `http://127.0.0.1:${port}`;
    this.#child = child;
    if (!child.stdout) throw new Error("The cluster has no output.");
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  static async start(python: string, token: string): Promise<TestCluster> {
    const port = await freePort();
    const env = {
      ...process.env,
      // Jobs say `python`: on a real cluster it is the one that has the engine's packages.
      PATH: `${dirname(python)}:${process.env.PATH}`,
      RAY_AUTH_MODE: "token",
      RAY_AUTH_TOKEN: token,
      RAY_USAGE_STATS_ENABLED: "0",
      OMP_NUM_THREADS: "1",
      // A machine at work with other tests takes much longer than Ray expects.
      RAY_DASHBOARD_STARTUP_TIMEOUT_S: "240",
      RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT: "240",
    };
    const child = spawn(python, [join(import.meta.dirname, "ray_cluster.py"), String(port)], {
      env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let complaint = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    const cluster = new TestCluster(child, port);
    await cluster.#up().catch((cause: Error) => {
      throw new Error(`${cause.message} ${complaint}`, { cause });
    });
    return cluster;
  }

  /** All machines lose power; others come up at the same address. */
  async restart(): Promise<void> {
    this.#child.stdin?.write("restart\n");
    await this.#up();
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end();
    await ended;
  }

  async #up(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("The Ray cluster did not come up.");
      if (value === "up") return;
    }
  }
}
