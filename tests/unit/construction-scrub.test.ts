import { describe, expect, it } from "vitest";
import { personalKinds, saysMinor, scrub, secretIn } from "@/server/construction/scrub";
import { randomOf } from "@/server/statistics/math/random";

const random = randomOf(7);
const draw = (n: number) => Math.floor(random() * n);
const digits = (count: number) => Array.from({ length: count }, () => draw(10)).join("");
const one = <T>(items: readonly T[]): T => items[draw(items.length)];

/** A number whose last digit makes Luhn's sum whole. */
function card(): string {
  const [begin, length] = one([
    ["4", 16],
    ["51", 16],
    ["55", 16],
    ["2221", 16],
    ["34", 15],
    ["37", 15],
    ["6011", 16],
  ] as const);
  const body = begin + digits(length - begin.length - 1);
  const last = [...Array(10).keys()].find((digit) => {
    const sum = [...`${body}${digit}`].reverse().reduce((all, figure, place) => {
      const value = Number(figure) * (place % 2 === 0 ? 1 : 2);
      return all + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  });
  const number = `${body}${last}`;
  if (length === 15) return one([number, number.replace(/^(.{4})(.{6})/, "$1 $2 ")]);
  return one([number, number.replace(/(.{4})(?=.)/g, "$1 "), number.replace(/(.{4})(?=.)/g, "$1-")]);
}

/** German, French-like and British forms with right check digits. */
function iban(): string {
  const [country, body] = one([
    ["DE", digits(18)],
    ["AT", digits(16)],
    ["NL", `INGB${digits(10)}`],
    ["GB", `NWBK${digits(14)}`],
    ["ES", digits(20)],
    ["NO", digits(11)],
  ] as const);
  const asNumber = [...`${body}${country}00`].map((letter) => Number.parseInt(letter, 36)).join("");
  const check = 98 - Number(BigInt(asNumber) % BigInt(97));
  const number = `${country}${String(check).padStart(2, "0")}${body}`;
  return one([number, number.replace(/(.{4})(?=.)/g, "$1 "), number.toLowerCase()]);
}

const makers: Record<(typeof personalKinds)[number], () => string> = {
  email: () =>
    one([
      () =>
        `${one(["anna", "j.doe", "o'neil", "max_m", "li-wei"])}${draw(999)}@${one(["example.org", "mail.example.co.uk", "uni-köln.de", "sub.firma.example"])}`,
      () => `Anna.Müller+news${draw(99)}@example.de`,
      () => `ИВАН${draw(99)}@почта.рф`,
    ])(),
  phone: () =>
    one([
      () => `+49 30 ${digits(8)}`,
      () => `+49 (0)171 ${digits(3)} ${digits(4)}`,
      () => `+1-415-${2 + draw(8)}${digits(2)}-${digits(4)}`,
      () => `(${2 + draw(8)}${digits(2)}) ${2 + draw(8)}${digits(2)}-${digits(4)}`,
      () => `${2 + draw(8)}${digits(2)}-${2 + draw(8)}${digits(2)}-${digits(4)}`,
      () => `0${one(["30", "171", "89"])}/${digits(7)}`,
      () => `01 ${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`,
      () => `+86 138 ${digits(4)} ${digits(4)}`,
      () => `0044 20 ${digits(4)} ${digits(4)}`,
      () => `020 ${digits(4)} ${digits(4)}`,
      () => `+33 6 ${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`,
      () =>
        `０９０－${digits(4)}－${digits(4)}`.replace(/\d/g, (digit) =>
          String.fromCharCode(0xff10 + Number(digit)),
        ),
      () => `+20 10 ${digits(8)}`.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit))),
    ])(),
  iban,
  card,
  ip: () =>
    one([
      () => `${1 + draw(120)}.${draw(256)}.${draw(256)}.${1 + draw(254)}`,
      () => `2001:db8:${draw(9999).toString(16)}::${(1 + draw(60000)).toString(16)}`,
      () => Array.from({ length: 8 }, () => (1 + draw(65535)).toString(16)).join(":"),
    ])(),
};
const frames = [
  (found: string) => `Please write to ${found}, thank you.`,
  (found: string) => `${found}`,
  (found: string) => `Ich bin so zu erreichen: ${found}. Danke!`,
  (found: string) => `(${found})`,
  (found: string) => `我的联系方式是 ${found}，谢谢。`,
  (found: string) => `"contact": "${found}"`,
  (found: string) => `It was <${found}>\nand then nothing.`,
];

describe("personal data", () => {
  it.each(personalKinds)("of the kind %s is found at 98 % at least, whole and under its name", (kind) => {
    const planted = Array.from({ length: 500 }, () => makers[kind]());
    const missed = planted.flatMap((found) => {
      const frame = one(frames);
      const { value } = scrub(frame(found));
      return value === frame(`[${kind.toUpperCase()}_1]`) ? [] : [`${frame(found)} → ${value}`];
    });
    expect(missed.slice(0, missed.length <= 10 ? 0 : 20)).toEqual([]);
  });

  it("is not seen in code, dates, versions, hashes and figures", () => {
    const clean = [
      "const total = items.reduce((sum, x) => sum + x.price * 1.19, 0);",
      "git clone git@github.com:owner/project.git && npm install pkg@1.2.3",
      "@app.route('/users/<int:id>')\ndef show(id): return db[id]",
      "y = x@w.sum() + b; icon@2x.png; std::vector<int> a; use foo::bar::baz; x[::2]",
      "2026-11-30T17:29:24Z, 30.11.2026, 01-02-2026, 12:34:56, 1.2.3-rc.4, version 10.0.19.41",
      "commit e912870a4f0d7c1b2a3948576655443322110099, uuid 123e4567-e89b-12d3-a456-426614174000",
      "0xdeadbeef, 1_000_000, 1,234,567.89, 3.14159265358979, 1e-9, 1e10, 100-200-300",
      "listen 127.0.0.1:8080; netmask 255.255.255.0; bind 0.0.0.0; ::1",
      "SELECT * FROM t WHERE id = 1234567890123456; -- 1696118400000 ms, 1700000000 s",
      "Pectin methylesterase (EC 3.1.1.11), Firefox 3.6.28.0, section 2.1.4.3, v1.2.3.4",
      "ISBN 978-3-16-148410-0, DOI 10.1000/182, § 823 BGB, arXiv 2308.12032, CVE-2024-12345678",
      "rgb(12, 34, 56); padding: 0 1px 2px 3px; margin: 10px 20px 30px 40px",
      "The sample had 120 80 60 40 patients; p = 0.0123; 95 % CI 1.02 to 1.34; n = 12 345.",
      "DE00 0000 0000 0000 0000 00 is no account, 4111 1111 1111 1112 is no card.",
      "for (let i = 0; i < 10; i++) { a[i] = b[i] + 0.5 * c[i - 1]; }",
      "#define VERSION 2024.11.30.1\nimport numpy as np  # noqa: E501",
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ];
    for (const text of clean)
      expect(scrub(text)).toEqual({ value: text, counts: { email: 0, iban: 0, card: 0, ip: 0, phone: 0 } });
  });

  it("has one placeholder for one address through a conversation, numbered on from those there", () => {
    const { value, counts } = scrub([
      { role: "user", content: "I am Anna@example.org, not bob@example.org." },
      { role: "assistant", content: "Hello anna@example.org!" },
      { role: "tool", arguments: { to: ["bob@example.org"] }, n: 4111111111111111 },
    ]);
    expect(value).toEqual([
      { role: "user", content: "I am [EMAIL_1], not [EMAIL_2]." },
      { role: "assistant", content: "Hello [EMAIL_1]!" },
      { role: "tool", arguments: { to: ["[EMAIL_2]"] }, n: 4111111111111111 },
    ]);
    expect(counts.email).toBe(2);
    const again = scrub([value, "and carl@example.org"]);
    expect(again.value).toEqual([value, "and [EMAIL_3]"]);
    expect(scrub(again.value).value).toEqual(again.value);
  });

  it("is sought in a time that grows with the text, whatever it repeats", () => {
    // Squares of these lengths would not end within the test's minute.
    for (const part of ["a", "a'", "a.", "a@", "a@b.", "1 ", "1-", "1.", "ab:", "DE12 ", "-", "I am "]) {
      const text = part.repeat(Math.ceil(400_000 / part.length));
      expect(typeof scrub(text).value).toBe("string");
      expect([secretIn(text), saysMinor(text)]).toEqual([null, false]);
    }
  });

  it("is dropped with its conversation where it is a secret or a minor's", () => {
    const key = `${"AKIA"}${"IOSFODNN7EXAMPLE"}`;
    expect(secretIn(`aws_access_key_id = ${key}`)).toBe("a key of AWS");
    expect(secretIn(`-----BEGIN RSA ${"PRIVATE"} KEY-----`)).toBe("a private key");
    expect(secretIn(`postgres://me:${"hunter2"}@db.example.org/x`)).toBe("a password in an address");
    expect(secretIn("https://example.org/a:b@c and sk-learn, ghp_short")).toBeNull();
    for (const text of [
      "I'm 15 years old",
      "Hi, I am 9.",
      "As a 16-year-old I",
      "Ich bin 14 Jahre alt",
      "J’ai 12 ans",
    ])
      expect([text, saysMinor(text)]).toEqual([text, true]);
    for (const text of [
      "I'm 35 years old",
      "I am 10 minutes late",
      "my son, a 9-year-old, sleeps",
      "I am 17 % sure",
    ])
      expect([text, saysMinor(text)]).toEqual([text, false]);
  });
});
