import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { database } from "./db/client";
import { startDailyCollection } from "./server/collection/collection";
import { log } from "./server/log";
import { guardAddresses, guardBodies } from "./server/rest/guard";
import { beginShutdown } from "./server/shutdown";

guardAddresses();
guardBodies();

// Next waits for open responses before it exits, and a live stream never ends by itself.
process.once("SIGTERM", beginShutdown);
process.once("SIGINT", beginShutdown);

// The supervisor was killed: a site without it would keep the port and an unwatched database.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

/**
 * The site is a hop, too: it appends whom it heard from, as every proxy does. Next would take what the client wrote
 * for the whole truth, and hides the connection.
 */
subscribe("http.server.request.start", (message) => {
  if (typeof message !== "object" || message === null || !("request" in message)) return;
  const { request } = message;
  if (!(request instanceof IncomingMessage)) return;
  const told = request.headers["x-forwarded-for"];
  request.headers["x-forwarded-for"] = [told ?? [], request.socket.remoteAddress ?? "unknown"]
    .flat()
    .join(", ");
});

const HOUR_MS = 3_600_000;
setInterval(() => {
  startDailyCollection(database().db).catch((err: unknown) => log.warn({ err }, "no collection was queued"));
}, HOUR_MS).unref();
