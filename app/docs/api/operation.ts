import { z } from "zod";
import { nounOf, type OpenApi } from "@/server/openapi/document";
import { exampleOf } from "./example";
import { shapeText } from "./shape";

/** A parameter as a form asks for it. */
export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  /** What it takes, in a word or two. */
  hint: string;
  choices: string[];
  /** It may be given several times. */
  repeats: boolean;
}

/** An operation of the document as the page shows and tries it. */
export interface Operation {
  id: string;
  noun: string;
  method: string;
  path: string;
  summary: string;
  parameters: Parameter[];
  body?: { media: string; shape?: string; required: boolean; example?: string };
  /** What a success answers with. */
  answers: { status: string; media?: string; shape?: string; description: string }[];
  refusals: string[];
  streams: boolean;
}

const content = z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({});
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().default(false),
  description: z.string().optional(),
  schema: z.looseObject({ type: z.unknown().optional(), items: z.unknown().optional() }),
});
const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string(),
  parameters: z.array(z.unknown()),
  requestBody: z.object({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().default(""), content })),
});

/** Every operation of the document, as it stands there. */
export function operationsOf(document: OpenApi): Operation[] {
  const shape = (schema: unknown) => (schema === undefined ? undefined : shapeText(opened(schema, document)));
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { operationId, summary, parameters, requestBody, responses } = operationSchema.parse(operation);
      const [sent] = Object.entries(requestBody?.content ?? {});
      const statuses = Object.entries(responses);
      const successes = statuses.filter(([status]) => status < "400");
      return {
        id: operationId,
        noun: nounOf(operationId),
        method: method.toUpperCase(),
        path,
        summary,
        parameters: parameters.map((one) => parameterOf(one, document)),
        ...(requestBody && sent
          ? {
              body: {
                media: sent[0],
                required: requestBody.required,
                ...(sent[0] === "application/json"
                  ? {
                      shape: shape(sent[1].schema),
                      example: JSON.stringify(
                        exampleOf(sent[1].schema, document.components.schemas),
                        null,
                        2,
                      ),
                    }
                  : {}),
              },
            }
          : {}),
        answers: successes.map(([status, { description, content }]) => {
          const [answer] = Object.entries(content);
          return { status, description, media: answer?.[0], shape: shape(answer?.[1].schema) };
        }),
        refusals: statuses.filter(([status]) => status >= "400").map(([status]) => status),
        streams: JSON.stringify(responses).includes("text/event-stream"),
      };
    }),
  );
}

const reference = z.object({ $ref: z.string() });

/** What a reference stands for; the schema itself where it is none. */
function opened(schema: unknown, { components }: OpenApi): unknown {
  const { data } = reference.safeParse(schema);
  return data ? components.schemas[data.$ref.split("/").at(-1) ?? ""] : schema;
}

function parameterOf(given: unknown, document: OpenApi): Parameter {
  const { data } = reference.safeParse(given);
  const parameters = z.record(z.string(), z.unknown()).parse(document.components.parameters);
  const found = parameterSchema.parse(data ? parameters[data.$ref.split("/").at(-1) ?? ""] : given);
  const repeats = found.schema.type === "array";
  const one = opened(repeats ? found.schema.items : found.schema, document);
  const { enum: values } = z.looseObject({ enum: z.array(z.unknown()).optional() }).parse(one);
  return {
    name: found.name,
    in: found.in,
    required: found.required,
    hint: found.description ?? shapeText(one),
    choices: (values ?? []).map(String),
    repeats,
  };
}
