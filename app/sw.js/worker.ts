/**
 * What the browser runs between the desk and a server that may be away. It keeps one page without anything private in
 * it, `/away`, with its scripts and styles, and answers with it where the desk is asked for and no server is there.
 * The tasks themselves lie in the browser's storage by person and go with the session (`outbox/kept-desk`). Data and other
 * pages are never kept here and never answered from here.
 */
export const worker = `
const KEPT = "concord-away";
const AWAY = "/away";
/** A server that has not begun to answer after this long is away. */
const PATIENCE_MS = 30000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keep().catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && /^\\/projects\\/[^/]+\\/desk\\/?$/.test(pathname)) event.respondWith(desk(request));
  else if (pathname.startsWith("/_next/static/")) event.respondWith(asset(request));
});

const filesOf = (page) => [...new Set(page.match(/\\/_next\\/static\\/[\\w\\-./~%\\[\\]]+/g) ?? [])];

/** Keeps the page as this version of the site has it; what an older version needed goes. */
async function keep() {
  const page = await fetch(AWAY, { cache: "no-store" });
  if (!page.ok || page.redirected) return;
  const files = filesOf(await page.clone().text());
  const before = await caches.match(AWAY, { cacheName: KEPT });
  const known = before ? filesOf(await before.text()) : [];
  if (files.some((file) => !known.includes(file))) await caches.delete(KEPT);
  const kept = await caches.open(KEPT);
  for (const file of files) if (!(await kept.match(file))) await kept.add(file);
  await kept.put(AWAY, page);
}

async function desk(request) {
  const away = await caches.match(AWAY, { cacheName: KEPT });
  if (!away) return fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const answer = await Promise.race([fetch(request).catch(() => null), late]);
  return answer && ![502, 503, 504].includes(answer.status) ? answer : away;
}

/** Its name holds its hash: what is kept is what the server would send. */
async function asset(request) {
  const kept = await caches.match(request, { cacheName: KEPT });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && (await caches.has(KEPT))) await (await caches.open(KEPT)).put(request, answer.clone());
  return answer;
}
`;
