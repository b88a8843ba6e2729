import { createServer } from "node:net";

function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === "object" ? address.port : undefined));
    });
  });
}

/** A port of this machine that nobody listens at. */
export async function freePort(): Promise<number> {
  const port = await listen(0);
  if (!port) throw new Error("No port is free on 127.0.0.1.");
  return port;
}

export const isFree = async (port: number) => (await listen(port)) !== undefined;
