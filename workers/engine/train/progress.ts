/** The line that tells a person how far a run is. */
import type { StepStatus } from "./train";

/** Steps over which speed is averaged: long enough to be calm, short enough to notice a change. */
const RECENT = 20;

export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #recent: StepStatus[] = [];
  #open = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Shows a step: rewrites the line on a terminal, else adds one. */
  show(status: StepStatus): void {
    this.#recent.push(status);
    if (this.#recent.length > RECENT) this.#recent.shift();
    const seconds = this.#recent.reduce((total, step) => total + step.seconds, 0);
    const tokens = this.#recent.reduce((total, step) => total + step.tokens, 0);
    const left = ((status.steps - status.step) * seconds) / this.#recent.length;
    const text = `step ${status.step}/${status.steps} · loss ${status.loss.toFixed(4)} · ${Math.round(tokens / seconds)} tokens/s · ${duration(left)} left`;
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    this.#open = this.#out.isTTY;
  }

  /** Says something else on a line of its own. */
  say(message: string): void {
    this.#out.write(`${this.#open ? "\n" : ""}${message}\n`);
    this.#open = false;
  }
}

function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}
