import { type NextRequest, NextResponse } from "next/server";
import { sessionOf } from "./server/auth";
import { env } from "./server/env";

/** Pages a stranger may open. */
const OPEN = /^\/(sign-in|link\/[^/]+|docs\/api)$/;

/**
 * Every page needs a session and carries a Content Security Policy of its own. This only spares strangers an
 * empty page: what somebody may see and do is decided in the procedures.
 */
export async function proxy(request: NextRequest) {
  const { viewer, cookies } = await sessionOf(request.headers);
  const { pathname, search, origin } = request.nextUrl;
  if (!viewer && !OPEN.test(pathname)) {
    const signIn = new URL("/sign-in", origin);
    if (pathname !== "/") signIn.searchParams.set("next", pathname + search);
    return NextResponse.redirect(signIn);
  }
  const policy = contentSecurityPolicy(crypto.randomUUID().replaceAll("-", ""));
  const headers = new Headers(request.headers);
  // Next puts the nonce it finds here on its own scripts.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

export const config = {
  matcher: [
    "/((?!api/|_next/|icon\\.svg|favicon\\.ico|sw\\.js|manifest\\.webmanifest|.*\\.(?:png|woff2|txt)$).*)",
  ],
};

function contentSecurityPolicy(nonce: string): string {
  const development = process.env.NODE_ENV === "development";
  const { OIDC_ISSUER } = env();
  const provider = OIDC_ISSUER ? new URL(OIDC_ISSUER).origin : "";
  return [
    "default-src 'self'",
    // React's development build evaluates source maps; the production build needs no eval.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Math and code colours are style attributes.
    "style-src 'self' 'unsafe-inline'",
    // Responses are hostile: a remote picture would tell its owner who reads it.
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    `form-action 'self' ${provider}`.trim(),
    "frame-ancestors 'none'",
  ].join("; ");
}
