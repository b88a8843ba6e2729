import type { ChildProcess } from "node:child_process";
import { on } from "node:events";
import { fileURLToPath } from "node:url";
import { writeJson } from "../../db/shape/written-json";
import { Killed, startChild } from "../../server/child";
import { EngineError } from "../engine/errors";
import { fromChild, type ToChild } from "../engine/infer/child-messages";
import {
  type AskedToWrite,
  answerShape,
  type InferenceAnswer,
  type Written,
  type WrittenRequest,
  writtenShape,
} from "../engine/infer/requests";
import type { ModelToOpen } from "../engine/infer/text-inference";

const main = fileURLToPath(new URL("../engine/infer/child-main.ts", import.meta.url));

/**
 * A model in a process of its own: running a graph blocks its thread for as long as it takes, and only a process
 * can be ended in the middle. Requests are answered one at a time.
 */
export class InferenceChild {
  readonly #process: ChildProcess;
  #busy = false;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts a process and opens the model in it. @throws EngineError naming what does not fit. */
  static async open(model: ModelToOpen): Promise<InferenceChild> {
    const { device = "cpu" } = model;
    const child = new InferenceChild(
      startChild(
        { file: process.execPath, args: ["--import", "tsx", main], offline: device === "cpu" },
        { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] },
      ),
    );
    try {
      for await (const _ of child.#exchange({ type: "open", ...model }));
      return child;
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /**
   * Answers as they come. Whoever stops reading has the rest broken off, and waits for that: nothing of one request may
   * be left to be read as the answer to the next.
   * @throws EngineError for bad input
   * @throws Killed when the process was ended from outside
   */
  async *answer(request: WrittenRequest): AsyncGenerator<InferenceAnswer> {
    for await (const answer of this.#whole(writeJson(request))) yield answerShape.parse(answer);
  }

  /**
   * Continues a prompt, told token by token; after `stop` there is no more of it. Whoever stops reading has it stopped.
   * @throws EngineError for a prompt that the model cannot continue
   * @throws Killed when the process was ended from outside
   */
  async *write(request: AskedToWrite): AsyncGenerator<Written> {
    for await (const piece of this.#whole(writeJson(request))) yield writtenShape.parse(piece);
  }

  /** What is answered to a request, which is over when this is. */
  async *#whole(request: string): AsyncGenerator<InferenceAnswer | Written> {
    const pieces = this.#exchange({ type: "request", request });
    let isOver = false;
    const next = async () => {
      try {
        const piece = await pieces.next();
        isOver = piece.done === true;
        return piece;
      } catch (error) {
        isOver = true;
        throw error;
      }
    };
    try {
      for (let piece = await next(); !piece.done; piece = await next()) yield piece.value;
    } finally {
      this.stop();
      // A process that is ended meanwhile has no more to say, and whoever stopped reading has their reason.
      while (!isOver) await next().catch(() => {});
    }
  }

  /** Breaks off what is being answered, at its next piece; the process lives on. */
  stop(): void {
    if (this.#busy && this.#process.connected) this.#process.send({ type: "stop" } satisfies ToChild);
  }

  /** Whether the process is gone: nothing more is answered. */
  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Ends the process at once, in the middle of a run if need be; nothing is lost but the answer. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async *#exchange(message: ToChild): AsyncGenerator<InferenceAnswer | Written> {
    if (this.#busy) throw new Error("the engine's process answers one request at a time");
    this.#busy = true;
    const ended = new AbortController();
    const onExit = () => ended.abort();
    this.#process.once("exit", onExit);
    try {
      if (this.isOver) throw this.#endedEarly();
      const replies = on(this.#process, "message", { signal: ended.signal });
      this.#process.send(message);
      for await (const [raw] of replies) {
        const reply = fromChild.parse(raw);
        if (reply.type === "done") return;
        if (reply.type === "failed")
          throw reply.expected ? new EngineError(reply.message) : new Error(reply.message);
        yield reply.answer;
      }
    } catch (error) {
      throw ended.signal.aborted ? this.#endedEarly() : error;
    } finally {
      this.#process.off("exit", onExit);
      this.#busy = false;
    }
  }

  #endedEarly(): Killed {
    const { signalCode, exitCode } = this.#process;
    const how = signalCode === null ? `with status ${exitCode}` : `by ${signalCode}`;
    return new Killed(
      `The engine's process was ended ${how}; if nobody stopped it, the machine ran out of memory: use a smaller model or batch_size.`,
    );
  }
}
