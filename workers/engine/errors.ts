/**
 * Something the user gave or the machine lacks: the message is one complete sentence that names the file,
 * row or option and says what to do. Command lines print it and exit with 1; any other error is our bug.
 */
export class EngineError extends Error {
  override name = "EngineError";
}
