import { type LookupAddress, type LookupAllOptions, lookup as resolveName } from "node:dns";
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";

/** A request that brought no answer. */
export class ReachError extends Error {
  override name = "ReachError";
  constructor(
    message: string,
    /** Whether it may have arrived, so that it may have been worked on and charged. */
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Reach {
  /**
   * Hosts of the operator's own network that may be asked, also without TLS: `localhost:11434`, `gpu-box`. As
   * CONCORD_ENDPOINT_HOSTS lists them; without a port, all its ports.
   */
  allowed: readonly string[];
  /** How long an answer may be silent. */
  idleMs: number;
  /** How names are looked up. Left out: as the machine does. */
  resolve?: Resolve;
}

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The hosts of CONCORD_ENDPOINT_HOSTS. */
export const hostsOf = (list: string): string[] =>
  list
    .split(",")
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== "");

/** What no address of the public Internet is in (IANA's special-purpose registries). */
const special = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  special.addSubnet(net, bits, "ipv4");
// Addresses that hold an IPv4 one (mapped, NAT64, 6to4, Teredo) lead wherever that does.
for (const [net, bits] of [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 9],
  ["ff00::", 8],
] as const)
  special.addSubnet(net, bits, "ipv6");

const isPublic = (address: string) => {
  const family = isIP(address);
  return family !== 0 && !special.check(address, family === 6 ? "ipv6" : "ipv4");
};

const bare = (hostname: string) => hostname.toLowerCase().replace(/^\[|\]$/g, "");

function isAllowed({ protocol, hostname, port }: URL, allowed: readonly string[]): boolean {
  const at = port || (protocol === "https:" ? "443" : "80");
  return allowed.includes(bare(hostname)) || allowed.includes(`${bare(hostname)}:${at}`);
}

/** Why an address may not be asked, as far as its text says; null: it may. Names are looked up when they are used. */
export function problemOfAddress(address: string, allowed: readonly string[]): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    return "The address must begin with https://.";
  if (url.username || url.password || url.search || url.hash)
    return "The address must hold no name, password, question mark or #: the key has a field of its own.";
  if (isAllowed(url, allowed)) return null;
  const wanted = `An admin has to list ${url.host} in CONCORD_ENDPOINT_HOSTS.`;
  if (url.protocol === "http:") return `A key and texts go over https only. ${wanted}`;
  const host = bare(url.hostname);
  if ((isIP(host) !== 0 && !isPublic(host)) || host === "localhost" || host.endsWith(".localhost"))
    return `${url.host} is an address of this machine or its network. ${wanted}`;
  return null;
}

/** Looks a name up and keeps what is public of it: what a name leads to is looked at in the moment it is used. */
const publicLookup =
  (resolve: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "");
      const open = addresses.filter(({ address }) => isPublic(address));
      if (open.length === 0)
        return callback(
          new ReachError(
            `${hostname} leads to an address of this machine or its network. An admin has to list it in CONCORD_ENDPOINT_HOSTS.`,
            false,
          ),
          "",
        );
      if (options.all) return callback(null, open);
      callback(null, open[0].address, open[0].family);
    });
  };

/** All that one answer may bring: a long reply with twenty alternatives a token has some megabytes. */
const ANSWER_BYTES = 64 * 2 ** 20;

/**
 * `fetch` for addresses that people set: public ones over TLS, others only as `allowed`; a redirect is an answer and
 * nothing is sent on, so no key goes where nobody sent it. One request is one request: nothing is repeated.
 * @throws ReachError
 */
export function guardedFetch({ allowed, idleMs, resolve = resolveName }: Reach): typeof fetch {
  const lookup = publicLookup(resolve);
  const agents = {
    "http:": new HttpAgent({ keepAlive: true, timeout: 30_000 }),
    "https:": new HttpsAgent({ keepAlive: true, timeout: 30_000 }),
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const problem = problemOfAddress(`${url.origin}${url.pathname}`, allowed);
    if (problem) throw new ReachError(problem, false);
    const { body, signal } = init;
    if (body && typeof body !== "string") throw new ReachError("Only texts are sent to a model.", false);
    const isSecure = url.protocol === "https:";
    const options: RequestOptions = {
      method: init.method ?? "GET",
      agent: agents[isSecure ? "https:" : "http:"],
      headers: {
        ...Object.fromEntries(new Headers(init.headers)),
        ...(body ? { "content-length": Buffer.byteLength(body) } : {}),
      },
      ...(isAllowed(url, allowed) ? {} : { lookup }),
      ...(signal ? { signal } : {}),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      let connected = false;
      const request = (isSecure ? httpsRequest : httpRequest)(url, options, resolve);
      request.on("socket", (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once(isSecure ? "secureConnect" : "connect", () => (connected = true));
      });
      request.setTimeout(idleMs, () =>
        request.destroy(
          new ReachError(`${url.host} was silent for ${Math.round(idleMs / 1000)} s.`, connected),
        ),
      );
      request.on("error", (cause) => {
        if (signal?.aborted) return reject(signal.reason);
        if (cause instanceof ReachError) return reject(cause);
        reject(new ReachError(`${url.host} cannot be reached: ${reasonOf(cause)}.`, connected, { cause }));
      });
      request.end(body ?? undefined);
    });
    const status = answer.statusCode ?? 0;
    const headers = new Headers(
      Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
      ),
    );
    if (status === 204 || status === 304) {
      answer.resume();
      return new Response(null, { status, headers });
    }
    return new Response(streamOf(answer, url.host, signal), { status, headers });
  };
}

/** The body, bounded, and with an error that says that the answer broke off. */
function streamOf(
  answer: IncomingMessage,
  host: string,
  signal?: AbortSignal | null,
): ReadableStream<Uint8Array> {
  const chunks = chunksOf(answer, host, signal);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      answer.destroy();
      await chunks.return(undefined);
    },
  });
}

async function* chunksOf(
  answer: Readable,
  host: string,
  signal?: AbortSignal | null,
): AsyncGenerator<Uint8Array, undefined> {
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES) throw new ReachError(`${host} answers without end.`, true);
      yield new Uint8Array(chunk);
    }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (cause instanceof ReachError) throw cause;
    throw new ReachError(`The answer of ${host} broke off: ${reasonOf(cause)}.`, true, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
