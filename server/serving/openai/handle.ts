import type { CallPiece } from "../../../db/shape/model-call";
import { limits } from "../../limits";
import { jsonOf } from "../../rest/answer";
import { callerOf } from "../../root";
import { joined } from "../../signal";
import type { Context } from "../../trpc";
import type { ServedModel } from "../schema";
import { chatForm, chunksOf, completionForm, embeddingsAnswer, listedModel, wholeAnswer } from "./answer";
import { errorBody, errorResponse, OpenAiError } from "./error";
import { type Asked, askedChat, askedCompletion, askedEmbedding } from "./request";

const OPENAI_PREFIX = "/api/openai/v1";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:;|$)/i;

/** Answers a request in OpenAI's manner: errors, too. */
export async function handleOpenAi(
  request: Request,
  contextOf: (request: Request) => Promise<Context>,
): Promise<Response> {
  try {
    return await answer(request, await contextOf(request));
  } catch (error) {
    // Whoever asked has gone: nobody reads this.
    return request.signal.aborted ? new Response(null, { status: 499 }) : errorResponse(error);
  }
}

async function answer(request: Request, context: Context): Promise<Response> {
  if (!context.viewer)
    throw new OpenAiError(401, "Send an API token of Concord as the key: Authorization: Bearer concord_…");
  const path = decodeURIComponent(new URL(request.url).pathname).slice(OPENAI_PREFIX.length);
  const [, what = "", ...rest] = path.split("/");
  if (what === "models") {
    takes(request, path, "GET");
    const models = await callerOf(context).serving.models();
    const id = rest.join("/");
    const body = id
      ? listedModel(named(models, id))
      : { object: "list", data: unique(models).map(listedModel) };
    return json(body);
  }
  switch (path) {
    case "/chat/completions":
      return written(request, context, chatForm, askedChat);
    case "/completions":
      return written(request, context, completionForm, askedCompletion);
    case "/embeddings":
      return embedded(request, context);
    default:
      throw new OpenAiError(
        404,
        `There is no ${OPENAI_PREFIX}${path}. There are models, chat/completions, completions and embeddings.`,
      );
  }
}

async function written(
  request: Request,
  context: Context,
  form: typeof chatForm,
  asking: typeof askedChat,
): Promise<Response> {
  const asked = asking(await bodyOf(request));
  const left = new AbortController();
  const gone = joined(request, left.signal);
  const { model, pieces } = await called(context, asked, gone);
  if (!asked.stream) return json(await wholeAnswer(form, model, asked.request, pieces));
  const chunks = chunksOf(form, model, asked.request, pieces, asked.includeUsage);
  // Awaited, so that what the model cannot read is answered with a status.
  const first = await chunks.next();
  return new Response(
    events(first, chunks, gone, () => left.abort()),
    {
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
    },
  );
}

async function embedded(request: Request, context: Context): Promise<Response> {
  const asked = askedEmbedding(await bodyOf(request));
  const { model, pieces } = await called(context, asked, request.signal);
  return json(await embeddingsAnswer(model, pieces, asked.base64));
}

/** Has a model asked, and follows its answer until `signal` aborts. */
async function called(
  context: Context,
  { model: name, request }: Asked,
  signal: AbortSignal,
): Promise<{ model: ServedModel; pieces: AsyncIterable<CallPiece> }> {
  const { serving } = callerOf(context, { signal });
  const model = named(await serving.models(), name);
  const { projectId, id: modelId } = model;
  const { callId } = await serving.start({ projectId, modelId, request });
  return { model, pieces: await serving.follow({ projectId, callId }) };
}

/** The newest of a name is meant, as models trained again keep their names. */
function named(models: readonly ServedModel[], name: string): ServedModel {
  const found = models.find((model) => model.id === name || `${model.project}/${model.name}` === name);
  if (found) return found;
  throw new OpenAiError(
    404,
    `The model ${JSON.stringify(name)} does not exist, or you may not ask it. GET ${OPENAI_PREFIX}/models lists those that you may.`,
    "model",
    "model_not_found",
  );
}

/** Each name once. */
const unique = (models: readonly ServedModel[]) =>
  models.filter(
    ({ project, name }, at) =>
      models.findIndex((other) => other.project === project && other.name === name) === at,
  );

function takes(request: Request, path: string, method: string): void {
  if (request.method !== method) throw new OpenAiError(405, `${OPENAI_PREFIX}${path} takes ${method}.`);
}

async function bodyOf(request: Request): Promise<unknown> {
  takes(request, new URL(request.url).pathname.slice(OPENAI_PREFIX.length), "POST");
  // A page elsewhere may send text/plain without being asked whether it may; JSON it may not.
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? ""))
    throw new OpenAiError(415, "Send the body with Content-Type: application/json.");
  return jsonOf(request, limits.completionBytes);
}

const json = (body: object) => Response.json(body, { headers: { "cache-control": "no-store" } });

/** Chunks as server-sent events; what goes wrong in the middle is the last of them. */
function events(
  first: IteratorResult<object>,
  chunks: AsyncGenerator<object>,
  gone: AbortSignal,
  leave: () => void,
): ReadableStream<Uint8Array> {
  const line = (data: string) => new TextEncoder().encode(`data: ${data}\n\n`);
  let next: IteratorResult<object> | null = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let data: string;
      let done = false;
      try {
        const result = next ?? (await chunks.next());
        next = null;
        done = result.done === true;
        data = done ? "[DONE]" : JSON.stringify(result.value);
      } catch (error) {
        if (gone.aborted) return;
        done = true;
        data = JSON.stringify(errorBody(error).body);
      }
      // Its reader may have gone while we waited.
      if (gone.aborted) return;
      controller.enqueue(line(data));
      if (done) controller.close();
    },
    cancel: leave,
  });
}
