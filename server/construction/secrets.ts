/** What begins in the middle of nothing: no letter, digit or hyphen before it. */
const secrets: readonly (readonly [string, string])[] = [
  [
    "a private key",
    "-----BEGIN (?:[A-Z]{1,20} ){0,4}PRIVATE KEY-----(?:(?:[^-]|-(?!----)){1,20000}-----END (?:[A-Z]{1,20} ){0,4}PRIVATE KEY-----|[A-Za-z0-9+/=\\s]{0,20000})",
  ],
  ["a key of AWS", "(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"],
  ["a token of GitHub", "(?<![\\w-])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\\w{50,})"],
  ["a token of GitLab", "(?<![\\w-])glpat-[\\w-]{20,}"],
  ["a key of a model's provider", "(?<![\\w-])sk-(?:[a-z]{1,12}-)?[A-Za-z0-9_-]{32,}"],
  ["a token of Slack", "(?<![\\w-])xox[abprs]-[\\w-]{10,}"],
  ["a key of Google", "(?<![\\w-])AIza[\\w-]{35}(?![\\w-])"],
  ["a token of Hugging Face", "(?<![\\w-])hf_[A-Za-z0-9]{30,}"],
  ["a token of npm", "(?<![\\w-])npm_[A-Za-z0-9]{36}(?!\\w)"],
  ["a key of SendGrid", "(?<![\\w-])SG\\.[\\w-]{22}\\.[\\w-]{43}(?![\\w-])"],
  ["a key of Stripe", "(?<![\\w-])[rs]k_(?:live|test)_[A-Za-z0-9]{20,}"],
  ["a signed token", "(?<![\\w-])eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\.[\\w-]{10,}"],
  [
    "a password in an address",
    "(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\\s/:@]+:[^\\s/@]{3,}@[^\\s/]+",
  ],
];

const patterns = secrets.map(([what, source]) => [what, new RegExp(source)] as const);

/** All of them at once, to be replaced. */
export const anySecret = new RegExp(secrets.map(([, source]) => source).join("|"), "g");

/** What kind of secret a text holds, or null. Where it holds one the conversation is dropped: who has it can act with it. */
export const secretIn = (text: string): string | null =>
  patterns.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
