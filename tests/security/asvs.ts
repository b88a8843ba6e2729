/**
 * OWASP Application Security Verification Standard 4.0.3, level 2: what holds each requirement here. `npm run asvs`
 * prints it as a page; tests/security/asvs.test.ts demands a row for each requirement and that every test named exists.
 */

/** Sections and the numbers in them that level 2 asks for. */
const REQUIRED =
  "1.1:1-7 1.2:1-4 1.4:1,4,5 1.5:1-4 1.6:1-4 1.7:1,2 1.8:1,2 1.9:1,2 1.10:1 1.11:1,2 1.12:2 1.14:1-6 2.1:1-12 2.2:1-3 2.3:1-3 2.4:1-5 2.5:1-7 2.6:1-3 2.7:1-6 2.8:1-7 2.9:1-3 2.10:1-4 3.1:1 3.2:1-4 3.3:1-4 3.4:1-5 3.5:1-3 3.7:1 4.1:1-3,5 4.2:1,2 4.3:1-3 5.1:1-5 5.2:1-8 5.3:1-10 5.4:1-3 5.5:1-4 6.1:1-3 6.2:1-6 6.3:1,2 6.4:1,2 7.1:1-4 7.2:1,2 7.3:1,3,4 7.4:1-3 8.1:1-4 8.2:1-3 8.3:1-8 9.1:1-3 9.2:1-4 10.2:1,2 10.3:1-3 11.1:1-8 12.1:1-3 12.2:1 12.3:1-6 12.4:1,2 12.5:1,2 12.6:1 13.1:1,3-5 13.2:1-3,5,6 13.3:1,2 13.4:1,2 14.1:1-4 14.2:1-6 14.3:2,3 14.4:1-7 14.5:1-4";

export type Row =
  /** A test fails when it no longer holds: its file, and the beginning of its name (or of its group's). */
  | { held: "test"; file: string; name: string }
  /** It holds by how things are built; no test of its own. */
  | { held: "design"; why: string }
  /** Left to whoever runs the instance. */
  | { held: "operator"; why: string }
  /** There is nothing here that it speaks of. */
  | { held: "absent"; why: string }
  /** It does not hold. */
  | { held: "no"; why: string };

const test = (file: string, name: string): Row => ({ held: "test", file: `tests/${file}.test.ts`, name });
const design = (why: string): Row => ({ held: "design", why });
const operator = (why: string): Row => ({ held: "operator", why });
const absent = (why: string): Row => ({ held: "absent", why });
const no = (why: string): Row => ({ held: "no", why });

const ACCESS = test("security/access", "procedures");
const ROUTES = test("security/access", "API routes");
const TENANCY = test("security/tenancy", "");
const STRANGE = test("security/requests", "what cannot be read or stored is refused as such");
const FORGERY = test(
  "security/requests",
  "a request that comes with a cookie changes something only from a page",
);
const SESSIONS = test("security/sign-in", "sign-out ends a copied cookie");
const GUESSES = test("security/sign-in", "by strangers keeps nobody out");
const PASSWORDS = test("security/sign-in", "passwords that anybody would guess are refused");
const CODES = test("security/sign-in", "codes of an app are asked for beside the password");
const LINKS = test("integration/auth", "works once, also when it is clicked twice");
const REFUSED = test("security/rights", "the audit log keeps refusals and where a request came from");
const LOGGED = test("security/requests", "a refused statement is told without its values");
const HEADERS = test("e2e/headers", "every kind of answer carries");
const PROXY_TLS = operator(
  "The site speaks HTTP; a proxy before it ends TLS (server/SECURITY.md says what it must do).",
);

/** By requirement, `2.7.1-6` for several that one row answers. */
export const ASVS: Record<string, Row> = {
  "1.1.1": design(
    "Issues, small commits, tests with each change, one gate (types, lint, layers) before main.",
  ),
  "1.1.2": design("server/SECURITY.md is the threat model; a change of a boundary changes it."),
  "1.1.3": design(
    "Issues state who may do what; tests/security/access.test.ts has a row for each procedure and route.",
  ),
  "1.1.4": design("server/SECURITY.md: who, what, where trust changes."),
  "1.1.5": design("server/SECURITY.md names every service that the site and its workers speak to."),
  "1.1.6": ACCESS,
  "1.1.7": design(
    "README.md and the tests that enumerate: a new procedure, route, table or form type fails without its row.",
  ),
  "1.2.1": test("security/roles", "the site's role"),
  "1.2.2": ROUTES,
  "1.2.3": design("Auth.js for people, one bearer scheme for programs; no other way in."),
  "1.2.4": GUESSES,
  "1.4.1": ACCESS,
  "1.4.4": ACCESS,
  "1.4.5": TENANCY,
  "1.5.1": design(
    "Every input and output is a zod schema, from which the HTTP API and its documentation follow.",
  ),
  "1.5.2": design("JSON alone; superjson restores dates and the like, no classes."),
  "1.5.3": STRANGE,
  "1.5.4": design(
    "React escapes; texts of models go through react-markdown without raw HTML; CSV cells are neutralised in server/csv.ts.",
  ),
  "1.6.1": design("One AUTH_SECRET; a key of its own for each use by HKDF (server/secret/seal.ts)."),
  "1.6.2": operator("AUTH_SECRET comes from the environment or a file of mode 0600; a vault can set it."),
  "1.6.3": no(
    "A new AUTH_SECRET ends sessions and makes stored tokens unreadable: they are stored again by hand.",
  ),
  "1.6.4": design("Nothing secret is in the pages."),
  "1.7.1": LOGGED,
  "1.7.2": operator("Lines of JSON on standard output, for a collector."),
  "1.8.1-2": design("server/SECURITY.md: judgements and texts, people, secrets, and how each is held."),
  "1.9.1-2": PROXY_TLS,
  "1.10.1": design("Git; each commit says what and why."),
  "1.11.1": design("README.md, folders by noun."),
  "1.11.2": test("integration/seats", ""),
  "1.12.2": test("integration/artifact", ""),
  "1.14.1": design(
    "Site, worker, engine and database are processes of their own; a machine elsewhere has a narrower role.",
  ),
  "1.14.2": design("npm and pip lock files with hashes."),
  "1.14.3": operator(
    "npm audit --omit=dev in the pipeline that deploys: server/SECURITY.md says what to do then.",
  ),
  "1.14.4": operator("npm ci, npm run build, npm test."),
  "1.14.5": operator("Containers are the operator's; the data folder is the only state."),
  "1.14.6": absent("None of these technologies."),
  "2.1.1": PASSWORDS,
  "2.1.2": PASSWORDS,
  "2.1.3": design("The whole password is hashed; at most 128 characters are taken."),
  "2.1.4": design("Any character; only the length and how easy it is to guess are judged."),
  "2.1.5-6": test(
    "integration/auth",
    "a new password ends the sessions of the old one and needs the old one",
  ),
  "2.1.7": PASSWORDS,
  "2.1.8": no("No meter: a weak password is refused with what to do instead."),
  "2.1.9": PASSWORDS,
  "2.1.10": design("No rotation, no history."),
  "2.1.11": design("Plain password fields with autocomplete names."),
  "2.1.12": no("Left to the browser's own button, where it has one."),
  "2.2.1": GUESSES,
  "2.2.2": absent("No SMS, no e-mail codes."),
  "2.2.3": no(
    "The platform sends no mail: changes are in the audit log, and sessions in the person's account.",
  ),
  "2.3.1": LINKS,
  "2.3.2": no("Codes of an app, not yet hardware keys; by OpenID Connect the provider can ask for them."),
  "2.3.3": design("Links end within a week; an admin makes another."),
  "2.4.1-2": test("integration/auth", "signs in, in any case of the address"),
  "2.4.3-4": absent("argon2id, neither PBKDF2 nor bcrypt."),
  "2.4.5": no(
    "No further secret in the hash: the database role of machines elsewhere cannot read hashes instead.",
  ),
  "2.5.1": design("An admin hands a one-time link over; whoever uses it chooses the password."),
  "2.5.2": absent("No hints or questions."),
  "2.5.3": LINKS,
  "2.5.4": test("integration/auth", "the first start makes an admin with a link"),
  "2.5.5": no("The platform sends no mail; see 2.2.3."),
  "2.5.6": LINKS,
  "2.5.7": design("A lost app: an admin's link, which takes codes, password and sessions away."),
  "2.6.1-3": LINKS,
  "2.7.1-6": absent("No out-of-band verifier."),
  "2.8.1": CODES,
  "2.8.2": CODES,
  "2.8.3": design("otpauth: RFC 6238 with 160-bit secrets of the system's generator."),
  "2.8.4-5": CODES,
  "2.8.6": CODES,
  "2.8.7": absent("No biometrics."),
  "2.9.1-3": absent("No cryptographic devices."),
  "2.10.1": test("integration/auth", "is stored as a hash, works until it is revoked or expires"),
  "2.10.2": design("The embedded database's passwords are random."),
  "2.10.3": test("integration/auth", "is stored as a hash, works until it is revoked or expires"),
  "2.10.4": design("Sealed columns (AES-256-GCM), environment variables, files of mode 0600."),
  "3.1.1": design("Cookies and bearer headers; a one-time link is no session."),
  "3.2.1": SESSIONS,
  "3.2.2": design("An encrypted token with a random session id."),
  "3.2.3": design("A cookie, HttpOnly, SameSite=Lax."),
  "3.2.4": design("Auth.js: A256CBC-HS512 under a key derived from AUTH_SECRET."),
  "3.3.1": SESSIONS,
  "3.3.2": no(
    "A session goes on while it is used and ends after 30 days without: annotators work offline and for weeks.",
  ),
  "3.3.3": test("integration/auth", "a new password ends the sessions of the old one and needs the old one"),
  "3.3.4": SESSIONS,
  "3.4.1": operator("Set where CONCORD_URL is https."),
  "3.4.2-3": design("Auth.js' defaults: HttpOnly, SameSite=Lax."),
  "3.4.4": no("Auth.js names it __Secure- under https, not __Host-."),
  "3.4.5": operator("A host name of its own."),
  "3.5.1": absent("The site holds no OAuth tokens of people."),
  "3.5.2": design("People have sessions; programs have tokens that end and can be revoked."),
  "3.5.3": test("integration/cluster-run", ""),
  "3.7.1": test("security/sign-in", "needs the password, and a link that an admin sends to it"),
  "4.1.1": ACCESS,
  "4.1.2": TENANCY,
  "4.1.3": ACCESS,
  "4.1.5": ROUTES,
  "4.2.1": TENANCY,
  "4.2.2": FORGERY,
  "4.3.1": operator("An admin can set up codes; nothing forces it. By OpenID Connect the provider can."),
  "4.3.2": design("Nothing is served from a folder but the built assets."),
  "4.3.3": test("security/rights", "nobody decides a task that they judged"),
  "5.1.1": design("The schema says whether a parameter is a list; else the first counts."),
  "5.1.2": ACCESS,
  "5.1.3-4": STRANGE,
  "5.1.5": test("e2e/sign-in", "strangers are sent to sign in and come back to the page they wanted"),
  "5.2.1": design("Markdown without raw HTML."),
  "5.2.2": STRANGE,
  "5.2.3": absent("No mail."),
  "5.2.4": design("No eval: the policy of every page forbids it."),
  "5.2.5": design(
    "Chat templates run in an interpreter without access to the machine (@huggingface/jinja, Jinja2's sandbox).",
  ),
  "5.2.6": test("unit/reach", "the way out to endpoints"),
  "5.2.7": design(
    "Uploads are never shown as pages; downloads are attachments under a policy that runs nothing.",
  ),
  "5.2.8": design("See 5.2.5."),
  "5.3.1-3": test("e2e/hostile", ""),
  "5.3.4-5": design("drizzle and postgres.js: values are parameters."),
  "5.3.6": design("JSON.parse, JSON.stringify."),
  "5.3.7": absent("No LDAP."),
  "5.3.8": design("Programs are started by a list of arguments, without a shell."),
  "5.3.9": test("security/named-places", ""),
  "5.3.10": absent("No XML."),
  "5.4.1-3": design("TypeScript and Python."),
  "5.5.1": design("Sessions are encrypted, run tokens signed."),
  "5.5.2": absent("No XML."),
  "5.5.3": design("JSON and Parquet; model weights are safetensors, never pickles."),
  "5.5.4": design("JSON.parse."),
  "6.1.1-3": operator(
    "Encrypt the disk, or use a database that does: texts are searched, so columns are not sealed.",
  ),
  "6.2.1-3": design("AES-256-GCM with a random nonce, bound to its owner (server/secret/seal.ts)."),
  "6.2.4": no("One scheme, without a version in the text; see 1.6.3."),
  "6.2.5-6": design("GCM; a random nonce for each text."),
  "6.3.1-2": design("node:crypto; ids are of version 7, and open nothing by themselves."),
  "6.4.1-2": operator("See 1.6.2."),
  "7.1.1-2": LOGGED,
  "7.1.3": test("security/sign-in", "failed sign-ins are in the audit log"),
  "7.1.4": REFUSED,
  "7.2.1": test("security/sign-in", "failed sign-ins are in the audit log"),
  "7.2.2": REFUSED,
  "7.3.1": LOGGED,
  "7.3.3": test("security/roles", "the site's role"),
  "7.3.4": design("UTC."),
  "7.4.1-3": test("security/requests", "of a defect a page hears that there is one"),
  "8.1.1": HEADERS,
  "8.1.2": test("integration/erasure", "a collection"),
  "8.1.3": design("Typed inputs."),
  "8.1.4": operator("/api/metrics, and the proxy."),
  "8.2.1": HEADERS,
  "8.2.2": design("Unsent judgements are kept in the browser until they are stored: that is their purpose."),
  "8.2.3": no("Unsent judgements survive a sign-out, so that none is lost; they are bound to the person."),
  "8.3.1": design(
    "Secrets travel in bodies and headers; search words in query strings are logged nowhere here.",
  ),
  "8.3.2": test("integration/erasure", "an erased person"),
  "8.3.3": operator("Guidelines and consent are the project's."),
  "8.3.4": design("server/SECURITY.md."),
  "8.3.5": REFUSED,
  "8.3.6": absent("No control over memory in these languages."),
  "8.3.7": operator("See 6.1.1."),
  "8.3.8": test("integration/erasure", "retention"),
  "9.1.1-3": PROXY_TLS,
  "9.2.1-4": operator("DATABASE_URL with sslmode, https:// for the store, the Hub and the cluster."),
  "10.2.1": design("Telemetry of Next is switched off; nothing else is sent anywhere."),
  "10.2.2": design("No camera, no place: the Permissions-Policy forbids them."),
  "10.3.1": absent("No update by itself."),
  "10.3.2": design("Scripts by nonce from the site itself; nothing from elsewhere."),
  "10.3.3": operator("DNS is the operator's."),
  "11.1.1": test("integration/seats", ""),
  "11.1.2": no("Speed of a judgement is recorded and shown to reviewers, not enforced."),
  "11.1.3": test("integration/seats", ""),
  "11.1.4": operator("Limits on signing in are here; on reading, the proxy's."),
  "11.1.5": test("security/rights", "blindness is a property of the record"),
  "11.1.6": test("security/rights", "Idempotency-Key"),
  "11.1.7": design("Pace, agreement and odd times by rater on the dashboard."),
  "11.1.8": operator("Alerts on /api/metrics and the audit log."),
  "12.1.1": test("security/artifact-access", "a project's uploads have a share, counted while they stream"),
  "12.1.2": test(
    "integration/memory",
    "a small gzip that unpacks without end is refused where it goes too far",
  ),
  "12.1.3": no("A project's share is shared by its managers; none of them has one of their own."),
  "12.2.1": test("unit/import-formats", ""),
  "12.3.1-5": test("integration/artifact", ""),
  "12.3.6": design("See 10.3.2."),
  "12.4.1": test("integration/artifact", ""),
  "12.4.2": operator("Texts and weights, never run; a scanner can watch the data folder."),
  "12.5.1": design("Nothing is served from a folder but the built assets."),
  "12.5.2": HEADERS,
  "12.6.1": operator(
    "The site and its workers speak to the database, the store, the provider, the Hub, the cluster and models' endpoints (public, or listed in CONCORD_ENDPOINT_HOSTS): a firewall can hold them to these.",
  ),
  "13.1.1": design("One parser each: URL, JSON.parse, zod."),
  "13.1.3": design("Tokens travel in headers."),
  "13.1.4": ACCESS,
  "13.1.5": test("security/requests", "text/plain, which any page may send, is no JSON"),
  "13.2.1": test("integration/rest", "what goes wrong is a problem document"),
  "13.2.2": STRANGE,
  "13.2.3": FORGERY,
  "13.2.5": test("security/requests", "text/plain, which any page may send, is no JSON"),
  "13.2.6": PROXY_TLS,
  "13.3.1-2": absent("No SOAP."),
  "13.4.1-2": absent("No GraphQL."),
  "14.1.1": operator("npm ci, npm run build, npm test."),
  "14.1.2": absent("No compiled code of our own."),
  "14.1.3": HEADERS,
  "14.1.4": operator("The data folder and the settings are all there is to restore."),
  "14.2.1": operator("npm audit --omit=dev; versions are exact, and lock files say what runs."),
  "14.2.2": operator("CONCORD_DEMO=false leaves the demo out."),
  "14.2.3": absent("Nothing comes from elsewhere."),
  "14.2.4": design("npm and PyPI by lock files with hashes."),
  "14.2.5": design("npm run sbom."),
  "14.2.6": test("security/children", "a process that works on what people bring is given no secret"),
  "14.3.2": test("security/requests", "of a defect a page hears that there is one"),
  "14.3.3": HEADERS,
  "14.4.1": HEADERS,
  "14.4.2": no(
    "Answers of the API are JSON under nosniff and a policy that runs nothing; files are attachments.",
  ),
  "14.4.3-7": HEADERS,
  "14.5.1": test("integration/rest", "what goes wrong is a problem document"),
  "14.5.2": design("Origin only ever takes rights away: it refuses a cookie."),
  "14.5.3": absent("No CORS."),
  "14.5.4": test("security/sign-in", "is what the outermost trusted proxy says"),
};

/** `1-3,5` as numbers. */
function numbers(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** Ids that a key like `2.7.1-6` names. */
export const idsOf = (key: string): string[] => {
  const section = key.slice(0, key.lastIndexOf("."));
  return numbers(key.slice(section.length + 1)).map((number) => `${section}.${number}`);
};

/** Every requirement of level 2, in order. */
export const requirements = (): string[] =>
  REQUIRED.split(" ").flatMap((entry) => {
    const [section = "", which = ""] = entry.split(":");
    return numbers(which).map((number) => `${section}.${number}`);
  });
