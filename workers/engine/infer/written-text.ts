/** The text before the first of the stop strings; null where none occurs. */
export function cut(text: string, stops: readonly string[]): string | null {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? null : text.slice(0, Math.min(...places));
}

/** A text that grows token by token, told as soon as no later token can change what is told. */
export class WrittenText {
  readonly #stops: readonly string[];
  #told = 0;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** What is new of `text`, all that was written so far. */
  grow(text: string): string {
    const whole = cut(text, this.#stops);
    return whole === null
      ? this.#tell(text, text.length - heldBack(text, this.#stops))
      : this.#tell(whole, whole.length);
  }

  /** The rest, once `text` is all there is. */
  end(text: string): string {
    const whole = cut(text, this.#stops) ?? text;
    return this.#tell(whole, whole.length);
  }

  #tell(text: string, end: number): string {
    const fresh = text.slice(this.#told, end);
    this.#told = Math.max(this.#told, end);
    return fresh;
  }
}

/** How much of a text's end may still change: a character whose bytes are not all there, a stop string that begins. */
function heldBack(text: string, stops: readonly string[]): number {
  const broken = /\ufffd+$/.exec(text)?.[0].length ?? 0;
  const begun = stops.map((stop) => {
    let length = Math.min(stop.length, text.length);
    while (length > 0 && !stop.startsWith(text.slice(-length))) length--;
    return length;
  });
  return Math.max(broken, ...begun);
}
