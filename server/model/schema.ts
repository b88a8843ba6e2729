import { z } from "zod";
import { exactly } from "../../db/shape/exactly";
import {
  heldOutSchema,
  modelFormats,
  modelMethods,
  modelSourceSchema,
  repositorySchema,
} from "../../db/shape/model";
import { licenceSchema } from "../hub/schema";
import { limits } from "../limits";

export const modelSchema = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  name: z.string(),
  method: z.enum(modelMethods),
  format: z.enum(modelFormats),
  source: modelSourceSchema,
  baseId: z.uuid().nullable(),
  parentId: z.uuid().nullable(),
  runId: z.uuid().nullable(),
  versionId: z.uuid().nullable(),
  metrics: z
    .record(z.string(), z.number())
    .describe(
      "Held-out measures by name. Where `heldOut` counts rows, means over these (eval_loss: of their batches' losses, as TRL's); else means of micro-batches' means.",
    ),
  heldOut: heldOutSchema.nullable(),
  createdAt: z.date(),
});
export type Model = z.infer<typeof modelSchema>;

/** In what form a model leaves: as PEFT adapter, as a full Hugging Face directory (adapters merged), as ONNX. */
export const modelForms = ["peft", "full", "onnx"] as const;
export type ModelForm = (typeof modelForms)[number];

const exportFields = { modelId: z.uuid(), form: z.enum(modelForms), licence: licenceSchema };
const pushFields = {
  ...exportFields,
  repository: repositorySchema.describe(
    "The model repository on the Hugging Face Hub, made if it does not exist.",
  ),
  private: z.boolean().default(true),
};
const asked = { projectId: z.uuid() };

/** What a run that writes or pushes a model is told, and what it is asked with. */
export const modelExportSchema = exactly("An export", exportFields);
export const modelExportInputSchema = exactly("An export", { ...asked, ...exportFields });
export const modelPushSchema = exactly("A push", pushFields);
export const modelPushInputSchema = exactly("A push", { ...asked, ...pushFields });

/** A base model to start from: a directory, a Hub repository, or a small one made here from random numbers. */
export const addModelSchema = z.object({
  name: z.string().trim().min(1).max(120),
  source: modelSourceSchema.refine(({ kind }) => kind !== "run", "Models of runs register themselves."),
});

/** Weights of the shape that is made: embeddings that are the head too, and in each layer attention and MLP. */
const weightsOf = (shape: {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  vocab_size: number;
}) =>
  shape.hidden_size *
  (shape.vocab_size +
    shape.num_hidden_layers * (4 * shape.hidden_size + 3 * shape.intermediate_size + 2) +
    1);

/** A model from nothing: random weights of a llama shape, and a tokenizer learnt from the project's own texts. */
const newModelShape = z.object({
  name: z.string().trim().min(1).max(120),
  hidden_size: z.number().int().min(16).max(4096).default(128).describe("Width of the model."),
  num_hidden_layers: z.number().int().min(1).max(64).default(4).describe("Number of layers."),
  num_attention_heads: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe("Attention heads; divides the width."),
  intermediate_size: z.number().int().min(16).max(16_384).default(384).describe("Width inside the MLP."),
  vocab_size: z.number().int().min(300).max(64_000).default(2000).describe("Tokens to learn from the texts."),
  seed: z.number().int().min(0).default(42).describe("Seed of the weights."),
  pretrain_steps: z
    .number()
    .int()
    .min(0)
    .max(20_000)
    .default(0)
    .describe(
      "Steps of training on the project's own prompts and responses, good and bad alike, so that it writes at all; 0 leaves random numbers.",
    ),
});
export const newModelSchema = newModelShape.superRefine((shape, context) => {
  const weights = weightsOf(shape);
  if (weights > limits.newModelParameters)
    context.addIssue(
      `This shape has ${Math.round(weights / 1e6)} million weights; ${limits.newModelParameters / 1e6} million are the most. Lower hidden_size or num_hidden_layers, or start from a model of the Hub.`,
    );
});
export type NewModel = z.infer<typeof newModelSchema>;

/** The same in a chain: the id that the model gets. */
export const queuedNewModelSchema = newModelShape.extend({ makes: z.uuid().optional() });

const linkSchema = z.object({ id: z.uuid(), name: z.string() });

/** Where a model came from, step by step back to the raters, and what was made from it. */
export const lineageSchema = z.object({
  model: modelSchema,
  base: modelSchema.nullable(),
  parent: modelSchema.nullable(),
  children: z.array(modelSchema),
  run: z.object({ id: z.uuid(), title: z.string(), kind: z.string() }).nullable(),
  version: z
    .object({
      id: z.uuid(),
      datasetId: z.uuid(),
      dataset: z.string(),
      version: z.number().int(),
      sha256: z.string(),
      rows: z.number().int(),
      annotations: z.number().int(),
    })
    .nullable(),
  /** Raters whose consent is withdrawn and whose work the model holds, by itself or by what it was made from. */
  withdrawn: z.array(linkSchema),
  raters: z.array(linkSchema.extend({ annotations: z.number().int(), withdrawn: z.boolean() })),
});
export type Lineage = z.infer<typeof lineageSchema>;

/** What holds work of a rater. */
export const touchedSchema = z.object({
  versions: z.array(
    z.object({
      id: z.uuid(),
      dataset: z.string(),
      version: z.number().int(),
      rows: z.number().int(),
      /** Whether rows rest on the rater's judgements, or judge replies of a model that holds them. */
      through: z.enum(["judgements", "replies"]),
    }),
  ),
  models: z.array(
    z.object({ id: z.uuid(), name: z.string(), method: z.string(), versionId: z.uuid().nullable() }),
  ),
});
