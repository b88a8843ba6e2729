import type { CallPiece } from "../../db/shape/model-call";

/**
 * Brings pieces to where they are read, in order and one batch at a time: what comes while a batch is on its way makes
 * the next, so that a slow database delays text and never the model.
 */
export class Teller {
  readonly #tell: (pieces: readonly { position: number; piece: CallPiece }[]) => Promise<void>;
  #waiting: CallPiece[] = [];
  #position = 0;
  #telling: Promise<void> | null = null;

  constructor(tell: (pieces: readonly { position: number; piece: CallPiece }[]) => Promise<void>) {
    this.#tell = tell;
  }

  push(piece: CallPiece): void {
    const last = this.#waiting.at(-1);
    if (last?.kind === "text" && piece.kind === "text" && isOneText(last, piece))
      this.#waiting[this.#waiting.length - 1] = joined(last, piece);
    else this.#waiting.push(piece);
    this.#telling ??= this.#drain();
    // Whoever asks whether all is told hears what went wrong.
    this.#telling.catch(() => {});
  }

  /** Resolves when all is told. @throws what kept it from being told */
  async done(): Promise<void> {
    await this.#telling;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0).map((piece) => ({ position: this.#position++, piece }));
      await this.#tell(batch);
    }
    this.#telling = null;
  }
}

type Text = Extract<CallPiece, { kind: "text" }>;

const isOneText = (one: Text, other: Text) => one.prompt === other.prompt && one.sample === other.sample;

const joined = (one: Text, other: Text): Text => ({
  ...other,
  text: one.text + other.text,
  tokens: one.tokens || other.tokens ? [...(one.tokens ?? []), ...(other.tokens ?? [])] : undefined,
});
