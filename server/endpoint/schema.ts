import { z } from "zod";
import { capabilitiesSchema, endpointKinds } from "../../db/shape/endpoint";
import { runKindSchema } from "../run/schema";

const price = z.number().min(0).max(100_000).nullable();
const perMinute = z.number().int().min(1).max(1_000_000_000).nullable();

/** What may be changed: what it is called, what it costs and bears. */
const endpointSettingsSchema = z.object({
  name: z.string().trim().min(1).max(100),
  /** US dollars per million tokens of prompts; null: not known. 0 where it costs nothing. */
  inputPrice: price,
  /** Of prompt tokens that the provider had in its cache; null: as the others. */
  cachedPrice: price,
  outputPrice: price,
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
  /** Requests at once. */
  concurrency: z.number().int().min(1).max(256),
});

const keySchema = z.string().trim().min(1).max(4000);

/** Another model, or another address, is another endpoint: what was judged by one is never carried on by another. */
export const newEndpointSchema = endpointSettingsSchema.extend({
  kind: z.enum(endpointKinds),
  /** The base address; left out, the provider's own. */
  url: z
    .string()
    .trim()
    .max(500)
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  /** The model's name as its provider knows it. */
  model: z.string().trim().min(1).max(300),
  /** Stored encrypted; it is never shown again. */
  key: keySchema.optional(),
});
export type NewEndpoint = z.infer<typeof newEndpointSchema>;

/** A key that is given takes the place of the one before; left out, that stays. */
export const changedEndpointSchema = endpointSettingsSchema.partial().extend({ key: keySchema.optional() });
export type ChangedEndpoint = z.infer<typeof changedEndpointSchema>;

const count = z.number();
const receiptSchema = z.object({
  /** Requests that went out. */
  requests: count,
  answered: count,
  failed: count,
  /** Nobody saw their end, or they are under way: they may be charged. */
  unknown: count,
  /** Tokens of what was answered. */
  input: count,
  cached: count,
  output: count,
  /** US dollars of what was answered, as far as tokens and prices are known. */
  cost: count,
  /** Answers whose cost is not known: without prices, or the provider told no tokens. */
  unpriced: count,
  /** US dollars that the unknown ones cost at most. */
  unknownCost: count,
});
/** What requests have cost. */
export type Receipt = z.infer<typeof receiptSchema>;

export const endpointSchema = endpointSettingsSchema.extend({
  id: z.uuid(),
  kind: z.enum(endpointKinds),
  url: z.string().nullable(),
  model: z.string(),
  hasKey: z.boolean(),
  capabilities: capabilitiesSchema.nullable(),
  missing: z.array(z.string()),
  retiresOn: z.iso.date().nullable(),
  probedAt: z.date().nullable(),
  problem: z.string().nullable(),
  createdAt: z.date(),
  spent: receiptSchema,
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** How many days to look back, today among them. */
export const usageSpecSchema = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });

export const usageSchema = z.object({
  /** In UTC, as YYYY-MM-DD. */
  day: z.string(),
  /** Whether a model of others was asked at an endpoint, or one of the project's own. */
  origin: z.enum(["endpoint", "model"]),
  /** Of the endpoint, or of the model. */
  id: z.uuid(),
  name: z.string(),
  /** Whose run or token it was; null: nobody's. */
  personId: z.uuid().nullable(),
  by: z.string().nullable(),
  /** The kind of run that asked; null: a program, through the API. */
  purpose: runKindSchema.nullable(),
  ...receiptSchema.omit({ failed: true, unknown: true }).shape,
});
/** What was asked of a model on a day by one person for one purpose. */
export type Usage = z.infer<typeof usageSchema>;

/** A probe, or with a prompt an answer to read. */
export const probeSpecSchema = z.object({
  endpointId: z.uuid(),
  prompt: z.string().trim().min(1).max(20_000).optional(),
});

/** What a run of kind `probe` found. */
export const probeResultSchema = z.object({
  problem: z.string().nullable(),
  /** The answer to the prompt, where one was given. */
  reply: z
    .object({
      text: z.string(),
      finishReason: z.string(),
      model: z.string().nullable(),
      milliseconds: z.number(),
    })
    .nullable(),
});

/** An endpoint by its id. */
export const chosenEndpointSchema = z.object({ endpointId: z.uuid() });
