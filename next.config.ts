import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Two checkouts of work in one folder (a development site and a test) need two builds.
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  turbopack: { root: fileURLToPath(new URL(".", import.meta.url)) },
  serverExternalPackages: ["@node-rs/argon2", "pino", "postgres", "prom-client"],
  // `npm run check` and `npm test` check types; starting the platform should not wait for that.
  typescript: { ignoreBuildErrors: true },
};

export default config;
