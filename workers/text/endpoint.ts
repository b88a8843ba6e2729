import type { Db } from "../../db/client";
import type { Capabilities } from "../../db/shape/endpoint";
import { openEndpoint } from "../../server/endpoint/endpoint";
import { guardedFetch, hostsOf } from "../../server/endpoint/reach";
import { env } from "../../server/env";
import type { TextModel } from "./model";
import { type Limits, Pace } from "./pace";
import type { Access, Provider } from "./provider";
import { providerOf, remoteModel } from "./remote";

/** A slow machine reads a long prompt for minutes before it writes. */
const SILENCE_MS = 300_000;

type Endpoint = Awaited<ReturnType<typeof openEndpoint>>;

export interface OpenedEndpoint {
  endpoint: Endpoint;
  /** @throws a sentence, where it was never probed: nobody knows what it can do */
  model(): TextModel;
  /** Its provider, as if the model could do all that is said. */
  as(capabilities: Capabilities): { provider: Provider; model: TextModel };
  pace: Pace;
}

/** An endpoint of a project, ready to be asked. @throws a sentence, where there is none or its access is incomplete */
export async function endpointOf(
  db: Db,
  given: { projectId: string; endpointId: string },
): Promise<OpenedEndpoint> {
  const endpoint = await openEndpoint(db, given);
  const { kind, url, key, model, capabilities, name } = endpoint;
  const fetch = guardedFetch({ allowed: hostsOf(env().CONCORD_ENDPOINT_HOSTS), idleMs: SILENCE_MS });
  const as = (can: Capabilities) => {
    const access: Access = { url, key, model, fetch, capabilities: can };
    const provider = providerOf(kind, access);
    return { provider, model: remoteModel(provider, access) };
  };
  return {
    endpoint,
    model() {
      if (!capabilities) throw new Error(`${name} was never probed with success: probe it first.`);
      return as(capabilities).model;
    },
    as,
    pace: paceOf(endpoint),
  };
}

const paces = new Map<string, { limits: string; pace: Pace }>();

/** One pace for all of this process that ask an endpoint, until its limits change. */
function paceOf({ id, requestsPerMinute, tokensPerMinute, concurrency }: { id: string } & Limits): Pace {
  const limits = { requestsPerMinute, tokensPerMinute, concurrency };
  const known = paces.get(id);
  if (known?.limits === JSON.stringify(limits)) return known.pace;
  const pace = new Pace(limits);
  paces.set(id, { limits: JSON.stringify(limits), pace });
  return pace;
}
