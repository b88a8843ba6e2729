/**
 * A server of OpenAI's chat completions that takes the same time for each reply, so many of them at once; who comes
 * when all places are taken waits. Usage: fixed-time-server.ts PLACES MILLISECONDS
 */
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [places, milliseconds] = process.argv.slice(2).map(Number);
const WORDS = ["A ", "is ", "better", "."];

let free = places;
const waiting: (() => void)[] = [];

async function reply(response: ServerResponse): Promise<void> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (more: object) =>
    response.write(
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...more })}\n\n`,
    );
  const began = performance.now();
  for (const [index, content] of WORDS.entries()) {
    const due = began + (milliseconds * (index + 1)) / WORDS.length;
    await sleep(Math.max(0, due - performance.now()));
    chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  }
  const next = waiting.shift();
  if (next) next();
  else free++;
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  chunk({ choices: [], usage: { prompt_tokens: 20, completion_tokens: WORDS.length, total_tokens: 24 } });
  response.end("data: [DONE]\n\n");
}

const server = createServer((request, response) => {
  request.resume().on("end", () => void reply(response));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log("listening", `http://127.0.0.1:${address.port}`);
});
