import { resolve } from "node:path";
import { z } from "zod";

const notAPort = "must be a number from 1 to 65535";
const truth = z.stringbool({ error: "must be true or false" });
const address = z.url({ protocol: /^https?$/, error: "must be an http(s):// address" });
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });

const environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" }).optional(),
  /** The owner of the tables, for migrations, where DATABASE_URL names a role that may not change them. */
  DATABASE_OWNER_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" })
    .optional(),
  PORT: z.coerce
    .number({ error: notAPort })
    .int(notAPort)
    .min(1, notAPort)
    .max(65_535, notAPort)
    .default(3000),
  HOST: z.string().optional(),
  CONCORD_URL: z
    .url({ protocol: /^https?$/, error: "must be the http(s):// address people open" })
    .optional(),
  CONCORD_DATA: z
    .string()
    .default(".concord")
    .transform((path) => resolve(path)),
  /** Folders below which models may lie, as in PATH. */
  CONCORD_MODELS: z.string().default(""),
  /** Hosts of one's own network where models may answer, separated by commas; with a port, that one alone. */
  CONCORD_ENDPOINT_HOSTS: z.string().default(""),
  /** Whether programs that models write for a benchmark may be run, kept apart from this machine. */
  CONCORD_RUN_CODE: truth.default(false),
  /** How many proxies of one's own stand before the site: so many entries of x-forwarded-for are to be believed. */
  CONCORD_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  CONCORD_ADMIN_TOKEN: z.string().min(24, "must have at least 24 characters").optional(),
  CONCORD_DEMO: truth.default(true),
  AUTH_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  OIDC_ISSUER: z.url({ error: "must be the address of the provider" }).optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().default("Single sign-on"),
  OIDC_SIGN_UP: truth.default(false),
  OIDC_TRUST_EMAIL: truth.default(false),
  S3_ENDPOINT: address.optional(),
  S3_BUCKET: z.string().optional(),
  S3_REGION: z.string().default("auto"),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Another machine's artifacts: a site's address, or a folder that is shared with it. */
  CONCORD_STORE: z.string().optional(),
  CONCORD_WORKER_TOKEN: z.string().optional(),
  /** The one engine that this machine joined for. */
  CONCORD_ENGINE: oneOf(["onnx", "torch"]).optional(),
  HF_ENDPOINT: address.optional(),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type Environment = z.infer<typeof environment>;

/** Something that whoever starts a program must change, in one sentence that needs no stack trace. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

let parsed: Environment | undefined;

/**
 * The settings of this process. A variable set to nothing counts as not set, as compose files write it.
 * @throws SettingsError that names every wrong variable
 */
export function env(): Environment {
  parsed ??= settingsOf(process.env);
  return parsed;
}

/** @throws SettingsError */
export function settingsOf(variables: NodeJS.ProcessEnv): Environment {
  const set = Object.entries(variables).filter(([, value]) => value !== "");
  const { data, error } = environment.safeParse(Object.fromEntries(set));
  if (data) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  throw new SettingsError(`Wrong in the environment: ${[...new Set(problems)].join("; ")}.`);
}

/** The level of the log, before anybody could be told that the environment is wrong. */
export function logLevel(): Environment["LOG_LEVEL"] {
  return environment.shape.LOG_LEVEL.catch("info").parse(process.env.LOG_LEVEL || undefined);
}
