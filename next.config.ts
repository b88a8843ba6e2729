import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";
import { ALWAYS, DATA } from "./server/rest/headers";

const HSTS = { "strict-transport-security": "max-age=31536000; includeSubDomains" };

const listed = (headers: Record<string, string>) =>
  Object.entries(headers).map(([key, value]) => ({ key, value }));

const config: NextConfig = {
  poweredByHeader: false,
  headers: async () => [
    { source: "/:path*", headers: listed(ALWAYS) },
    { source: "/api/:path*", headers: listed(DATA) },
    // Only who came by https hears it: over http a browser would not listen.
    {
      source: "/:path*",
      has: [{ type: "header", key: "x-forwarded-proto", value: "https" }],
      headers: listed(HSTS),
    },
  ],
  // No page has a picture that is made smaller here, and who asks for one would have the site fetch and decode it.
  images: { unoptimized: true },
  // A browser asks here, too, when a page tells it slowly where its icon is.
  rewrites: async () => [{ source: "/favicon.ico", destination: "/icon.svg" }],
  // Two checkouts of work in one folder (a development site and a test) need two builds.
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  turbopack: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    resolveAlias: {
      "next-intl/config": "./app/i18n/request.ts",
      // Messages are compiled on the server (app/i18n/catalogue): no browser gets the parser, 17 kB of it.
      "use-intl/format-message": "./node_modules/use-intl/dist/esm/production/format-message/format-only.js",
    },
  },
  serverExternalPackages: ["@node-rs/argon2", "pino", "postgres", "prom-client"],
  // `npm run check` and `npm test` check types; starting the platform should not wait for that.
  typescript: { ignoreBuildErrors: true },
};

export default config;
