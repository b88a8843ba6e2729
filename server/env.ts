import { resolve } from "node:path";
import { z } from "zod";

const environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" }).optional(),
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
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
  CONCORD_ADMIN_TOKEN: z.string().min(24, "must have at least 24 characters").optional(),
  CONCORD_DEMO: z.stringbool().default(true),
  AUTH_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  OIDC_ISSUER: z.url({ error: "must be the address of the provider" }).optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().default("Single sign-on"),
  OIDC_SIGN_UP: z.stringbool().default(false),
  OIDC_TRUST_EMAIL: z.stringbool().default(false),
  S3_ENDPOINT: z.url().optional(),
  S3_BUCKET: z.string().optional(),
  S3_REGION: z.string().default("auto"),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Another machine's artifacts: a site's address, or a folder that is shared with it. */
  CONCORD_STORE: z.string().optional(),
  CONCORD_WORKER_TOKEN: z.string().optional(),
  /** The one engine that this machine joined for. */
  CONCORD_ENGINE: z.enum(["onnx", "torch"]).optional(),
  HF_ENDPOINT: z.url().optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type Environment = z.infer<typeof environment>;

let parsed: Environment | undefined;

/**
 * The settings of this process. A variable set to nothing counts as not set, as compose files write it.
 * @throws an error that lists every wrong variable
 */
export function env(): Environment {
  if (!parsed) {
    const set = Object.entries(process.env).filter(([, value]) => value !== "");
    const result = environment.safeParse(Object.fromEntries(set));
    if (!result.success) {
      const problems = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
      throw new Error(`These environment variables are wrong:\n${problems.join("\n")}`);
    }
    parsed = result.data;
  }
  return parsed;
}
