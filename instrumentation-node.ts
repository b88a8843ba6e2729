import { guardBodies } from "./server/rest/guard";
import { beginShutdown } from "./server/shutdown";

guardBodies();

// Next waits for open responses before it exits, and a live stream never ends by itself.
process.once("SIGTERM", beginShutdown);
process.once("SIGINT", beginShutdown);

// The supervisor was killed: a site without it would keep the port and an unwatched database.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
