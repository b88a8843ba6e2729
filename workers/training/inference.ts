import type { Message } from "../../db/shape/content";
import { storable } from "../../db/shape/written-json";
import type { Model } from "../../server/model/schema";
import type { GenerationSettings } from "../engine/infer/requests";
import type { Work } from "../run/handler";
import { InferenceChild } from "./inference-child";
import { openFolders } from "./models";

/** Opens a model in a process of its own, for as long as `use` takes or until the run is cancelled. */
export async function withModel<T>(
  work: Work,
  model: Model,
  use: (child: InferenceChild) => Promise<T>,
): Promise<T> {
  const child = await InferenceChild.open(await openFolders(work, model));
  const onAbort = () => child.kill();
  work.signal.addEventListener("abort", onAbort);
  try {
    work.signal.throwIfAborted();
    return await use(child);
  } finally {
    work.signal.removeEventListener("abort", onAbort);
    child.kill();
  }
}

export interface Generated {
  row: number;
  text: string;
}

/** One reply to each conversation, as they come. Those that do not fit the model are told to `onDropped`. */
export async function* replies(
  child: InferenceChild,
  conversations: readonly { prompt: readonly Message[]; tools?: string }[],
  options: GenerationSettings,
  onDropped: (row: number, reason: string) => void,
): AsyncGenerator<Generated> {
  const rows = conversations.map((asked) => ({ ...asked, prompt: [...asked.prompt] }));
  for await (const answer of child.answer({ kind: "generate", rows, options })) {
    if (answer.kind === "dropped") onDropped(answer.row, answer.reason);
    // A model draws any byte, also the one that PostgreSQL stores in no text.
    if (answer.kind === "generated") yield { row: answer.row, text: storable(answer.completion) };
  }
}
