import type { Db } from "../../db/client";
import type { Message } from "../../db/shape/content";
import { promptKey, responseKey, taskKey } from "../content/keys";

/** What a task of the demo shows, before it is stored. */
interface Shown {
  messages: readonly Message[];
  responses: readonly { source?: string | null; content: string }[];
}

export const taskKeyOf = ({ messages, responses }: Shown): string =>
  taskKey(promptKey(messages), responses.map(responseKey));

/** Finds the prompts and responses of a project that were stored, by what they show: the place of a task. */
export async function placing(tx: Db, projectId: string) {
  const prompts = await tx.query.prompt.findMany({
    columns: { id: true, key: true },
    where: (t, { eq }) => eq(t.projectId, projectId),
  });
  const responses = await tx.query.response.findMany({
    columns: { id: true, key: true, promptId: true },
    where: (t, { eq }) => eq(t.projectId, projectId),
  });
  const promptIds = new Map(prompts.map(({ id, key }) => [key, id]));
  const responseIds = new Map(responses.map(({ id, key, promptId }) => [`${promptId} ${key}`, id]));
  const found = (id: string | undefined) => {
    if (!id) throw new Error("A demo prompt or response was not stored.");
    return id;
  };
  return (shown: Shown) => {
    const promptId = found(promptIds.get(promptKey(shown.messages)));
    return {
      promptId,
      key: taskKeyOf(shown),
      responseIds: shown.responses.map((reply) =>
        found(responseIds.get(`${promptId} ${responseKey(reply)}`)),
      ),
    };
  };
}
