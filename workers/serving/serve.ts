import type { Logger } from "pino";
import type { Database } from "../../db/client";
import { listen } from "../../db/listen";
import { outlast } from "../../db/outage";
import type { CallError, CallPiece, CallRequest } from "../../db/shape/model-call";
import { storable } from "../../db/shape/written-json";
import type { ArtifactStore } from "../../server/artifact/store";
import { getModel } from "../../server/model/model";
import {
  CALL_CHANNEL,
  type Call,
  claimCall,
  endCall,
  renewCall,
  sweepCalls,
  tellPieces,
} from "../../server/serving/call";
import { joined } from "../../server/signal";
import { EngineError } from "../engine/errors";
import { Rest } from "../rest";
import { unitLength } from "../text/unit-length";
import { InferenceChild } from "../training/inference-child";
import { openFolders } from "../training/models";
import { Teller } from "./teller";

/** A lost notification delays a call by at most this. */
const POLL_MS = 2_000;
const RENEW_MS = 3_000;
const SWEEP_MS = 60_000;
/** A model that nobody calls is closed after this long: its memory is others'. */
const IDLE_MS = 10 * 60_000;

interface Open {
  modelId: string;
  child: InferenceChild;
}

/**
 * Answers programs that call models, one call after the other, until `shutdown` aborts. The model of the last call
 * stays open in a process of its own, so that the next one begins at once.
 */
export async function serveCalls(
  { db, sql, store, log }: Pick<Database, "db" | "sql"> & { store: ArtifactStore; log: Logger },
  shutdown: AbortSignal,
): Promise<void> {
  const held: { open: Open | null; current: { id: string; leave: () => void } | null } = {
    open: null,
    current: null,
  };
  const rest = new Rest();
  const stopListening = listen(sql, CALL_CHANNEL, {
    notified: (left) => (left ? left === held.current?.id && held.current.leave() : rest.wake()),
    connected: rest.wake,
  });
  shutdown.addEventListener("abort", rest.wake);
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "calls are not answered now");
  const close = () => {
    held.open?.child.kill();
    held.open = null;
  };
  let usedAt = Date.now();
  let sweptAt = 0;
  try {
    while (!shutdown.aborted) {
      rest.forget();
      if (Date.now() - sweptAt > SWEEP_MS) {
        sweptAt = Date.now();
        await sweepCalls(db).catch(complain);
      }
      const call = await claimCall(db, { openModelId: held.open?.modelId ?? null }).catch(complain);
      if (call) {
        await answer(call).catch(complain);
        usedAt = Date.now();
      } else {
        if (Date.now() - usedAt > IDLE_MS) close();
        await rest.for(POLL_MS);
      }
    }
  } finally {
    close();
    await stopListening();
  }

  async function answer(call: Call): Promise<void> {
    let inputTokens = 0;
    /** By continuation: one that is broken off has no end that counts it. */
    const written = new Map<string, number>();
    const left = new AbortController();
    held.current = { id: call.id, leave: () => left.abort() };
    const renewing = setInterval(async () => {
      if (!(await renewCall(db, call.id).catch(() => true))) left.abort();
    }, RENEW_MS);
    const gone = joined(left.signal, shutdown);
    // A model that is being opened or reads a long prompt hears nothing else; tokens are broken off one by one.
    const onShutdown = () => close();
    shutdown.addEventListener("abort", onShutdown);
    const teller = new Teller((pieces) => outlast(() => tellPieces(db, call.id, pieces), gone));
    let error: CallError | undefined;
    try {
      const child = await childOf(call);
      const stop = () => child.stop();
      gone.addEventListener("abort", stop);
      try {
        for await (const piece of piecesOf(child, call.request, gone)) {
          if (piece.kind === "read" || piece.kind === "embedding") inputTokens += piece.count;
          else written.set(`${piece.prompt} ${piece.sample}`, piece.count);
          teller.push(piece);
        }
      } finally {
        gone.removeEventListener("abort", stop);
      }
      await teller.done();
    } catch (cause) {
      if (!gone.aborted) {
        const message = cause instanceof Error ? cause.message : String(cause);
        const expected = cause instanceof EngineError;
        if (!expected) log.error({ err: cause, call: call.id }, "a call failed");
        error = {
          message: expected ? message : `The model could not answer: ${message.split("\n")[0]}`,
          expected,
        };
      }
      if (held.open?.child.isOver) close();
    } finally {
      clearInterval(renewing);
      shutdown.removeEventListener("abort", onShutdown);
      held.current = null;
    }
    // Left to its lease when the worker ends: whoever waits is told to ask again.
    if (shutdown.aborted) return;
    const outputTokens = [...written.values()].reduce((sum, count) => sum + count, 0);
    await outlast(() => endCall(db, call.id, { error, inputTokens, outputTokens }), shutdown);
  }

  async function childOf({ id, projectId, modelId, personId }: Call): Promise<InferenceChild> {
    if (held.open?.modelId === modelId && !held.open.child.isOver) return held.open.child;
    close();
    const model = await getModel(db, { projectId, modelId });
    const folders = await openFolders({ db, store, run: { id, createdBy: personId } }, model);
    const child = await InferenceChild.open(folders);
    held.open = { modelId, child };
    return child;
  }
}

/** What is told of a request, prompt by prompt. */
async function* piecesOf(
  child: InferenceChild,
  request: CallRequest,
  gone: AbortSignal,
): AsyncGenerator<CallPiece> {
  if (request.kind === "embed") {
    for await (const answer of child.answer({ kind: "embed", rows: request.texts })) {
      if (answer.kind === "dropped") throw new EngineError(`Text ${answer.row + 1}: ${answer.reason}.`);
      if (answer.kind !== "embedded") continue;
      const { row, tokens, embedding } = answer;
      yield { kind: "embedding", prompt: row, count: tokens, values: unitLength(embedding) };
    }
    return;
  }
  const { prompts, samples, maxTokens, temperature, topP, seed, stop, logprobs, echo, schema } = request;
  const options = {
    max_new_tokens: maxTokens,
    do_sample: temperature > 0,
    // Greedy without one.
    temperature: temperature || 1,
    top_p: topP,
    num_return_sequences: samples,
    stop_strings: stop,
    seed,
  };
  for (const [prompt, given] of prompts.entries()) {
    if (gone.aborted) return;
    const asked = typeof given === "string" ? given : isIds(given) ? { ids: given } : given;
    const told = { options, top: logprobs, echo, schema };
    // A model draws any byte, also the one that PostgreSQL stores in no text.
    for await (const written of child.write({ kind: "write", prompt: asked, ...told }))
      yield written.kind === "end"
        ? { ...written, prompt }
        : { ...written, prompt, ...(written.text !== undefined && { text: storable(written.text) }) };
  }
}

const isIds = (given: readonly unknown[]): given is number[] => typeof given[0] === "number";
