import { describe, expect, it } from "vitest";
import { noPersonal, type PersonalKind, personalKinds } from "@/server/construction/personal";
import { saysMinor, scrub } from "@/server/construction/scrub";
import { secretIn } from "@/server/construction/secrets";
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

const pad = (n: number, length = 2) => String(n).padStart(length, "0");
const letters = (count: number, from = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") =>
  Array.from({ length: count }, () => one([...from])).join("");
const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const inFours = (text: string) => text.replace(/(.{4})(?=.)/g, "$1 ");

/** The last digit that makes a number whole by `sum`, tried one after the other. */
const completed = (body: string, isWhole: (number: string) => boolean): string =>
  [...Array(10).keys()].map((digit) => `${body}${digit}`).find(isWhole) ?? "";

/** ISO 7064, mod 11,10 of eleven digits, by its recursion. */
const isMod1110 = (number: string): boolean => {
  const product = [...number.slice(0, 10)].reduce((product, digit) => {
    const sum = (product + Number(digit)) % 10;
    return ((sum === 0 ? 10 : sum) * 2) % 11;
  }, 10);
  return (product + Number(number[10])) % 10 === 1;
};

function steuerId(): string {
  const order = [..."0123456789"].sort(() => random() - 0.5);
  order[9] = order[draw(9)];
  if (order[0] === "0") return steuerId();
  const number = completed(order.join(""), isMod1110);
  return one([number, number.replace(/(..)(...)(...)(...)/, "$1 $2 $3 $4")]);
}

function cpf(): string {
  const sumTo = (number: string, count: number) =>
    (([...number.slice(0, count)].reduce(
      (all, digit, place) => all + Number(digit) * (count + 1 - place),
      0,
    ) *
      10) %
      11) %
    10;
  const begin = `${1 + draw(9)}${digits(8)}`;
  const first = `${begin}${sumTo(begin, 9)}`;
  const number = `${first}${sumTo(first, 10)}`;
  return one([number, number.replace(/(...)(...)(...)(..)/, "$1.$2.$3-$4")]);
}

/** Verhoeff by its two tables, as they are printed. */
const times =
  "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210".split(
    " ",
  );
const turns = "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258".split(
  " ",
);
const aadhaar = (): string =>
  inFours(
    completed(
      `${2 + draw(8)}${digits(10)}`,
      (number) =>
        [...number]
          .reverse()
          .reduce((sum, digit, place) => Number(times[sum][Number(turns[place % 8][Number(digit)])]), 0) ===
        0,
    ),
  );

function nir(): string {
  const begin = `${1 + draw(2)}${digits(2)}${pad(1 + draw(12))}${pad(1 + draw(95))}${digits(6)}`;
  const number = `${begin}${pad(97 - (Number(begin) % 97))}`;
  return one([number, number.replace(/(.)(..)(..)(..)(...)(...)(..)/, "$1 $2 $3 $4 $5 $6 $7")]);
}

function dni(): string {
  const letter = (number: number) => "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
  const number = digits(8);
  const short = digits(7);
  return one([
    `${number}${letter(Number(number))}`,
    `${number.replace(/(..)(...)(...)/, "$1.$2.$3")}-${letter(Number(number))}`,
    `X${short}${letter(Number(short))}`,
    `Y${short}${letter(Number(`1${short}`))}`,
  ]);
}

/** Its check letter is found among 26 by the table of odd places as the decree prints it. */
function codiceFiscale(): string {
  const odd: Record<string, number> = Object.fromEntries(
    "0:1 1:0 2:5 3:7 4:9 5:13 6:15 7:17 8:19 9:21 A:1 B:0 C:5 D:7 E:9 F:13 G:15 H:17 I:19 J:21 K:2 L:4 M:18 N:20 O:11 P:3 Q:6 R:8 S:12 T:14 U:16 V:10 W:22 X:25 Y:24 Z:23"
      .split(" ")
      .map((entry) => [entry[0], Number(entry.slice(2))]),
  );
  const body = `${letters(6)}${digits(2)}${letters(1, "ABCDEHLMPRST")}${pad(1 + draw(31))}${letters(1)}${digits(3)}`;
  const even = (letter: string) => (/\d/.test(letter) ? Number(letter) : letter.charCodeAt(0) - 65);
  const sum = [...body].reduce((all, letter, place) => all + (place % 2 ? even(letter) : odd[letter]), 0);
  return `${body}${String.fromCharCode(65 + (sum % 26))}`;
}

const names = ["Lindgren", "Moreau", "Alcalá", "Washington", "Kepler", "Garibaldi", "São Bento", "Baker"];
const town = () => one(["Springfield", "New Haven", "Lakewood", "Oak Park"]);

/** What is planted of each kind, and the words before it where it is told by them. */
const makers: Record<PersonalKind, () => string | readonly [string, string]> = {
  url: () =>
    one([
      () => `https://${one(["anna", "root"])}:${letters(8, alphanumeric)}@host${draw(99)}.example.org/path`,
      () => `https://example.org/reset?user=7&token=${letters(24, alphanumeric)}`,
      () => `http://api.example.com/v1/items?api_key=${letters(20, alphanumeric)}&page=2`,
      () =>
        `https://files.example.org/a.pdf?X-Amz-Expires=300&X-Amz-Signature=${letters(40, "0123456789abcdef")}`,
      () => `https://example.org/cb#access_token=${letters(30, alphanumeric)}`,
      () => `postgres://app:${letters(10, alphanumeric)}@db.example.org:5432/main`,
    ])(),
  secret: () =>
    one([
      () => `AKIA${letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
      () => `ghp_${letters(36, alphanumeric)}`,
      () => `glpat-${letters(20, alphanumeric)}`,
      () => `sk-${one(["", "proj-", "ant-"])}${letters(40, alphanumeric)}`,
      () => `xoxb-${digits(11)}-${letters(24, alphanumeric)}`,
      () => `AIza${letters(35, alphanumeric)}`,
      () => `hf_${letters(34, alphanumeric)}`,
      () => `sk_live_${letters(24, alphanumeric)}`,
      () => `npm_${letters(36, alphanumeric)}`,
      () => `SG.${letters(22, alphanumeric)}.${letters(43, alphanumeric)}`,
      () => `eyJ${letters(20, alphanumeric)}.eyJ${letters(40, alphanumeric)}.${letters(43, alphanumeric)}`,
      () => `-----BEGIN ${"PRIVATE"} KEY-----\n${letters(64, alphanumeric)}\n-----END ${"PRIVATE"} KEY-----`,
    ])(),
  mac: () => {
    const bytes = ["3c", ...Array.from({ length: 5 }, () => draw(256).toString(16).padStart(2, "0"))];
    return one([
      bytes.join(":"),
      bytes.join("-").toUpperCase(),
      bytes.join("").replace(/(.{4})(?=.)/g, "$1."),
    ]);
  },
  id: () => one([steuerId, cpf, aadhaar, nir, dni, codiceFiscale])(),
  ssn: () => {
    const parts = [pad(1 + draw(665), 3), pad(1 + draw(99)), pad(1 + draw(9999), 4)];
    return one<string | readonly [string, string]>([
      parts.join("-"),
      ["SSN: ", parts.join(" ")],
      ["my social security number is ", parts.join("")],
    ]);
  },
  account: () => [
    one([
      ...[
        "account number: ",
        "Account no. ",
        "acct # ",
        "Kontonummer ",
        "Meine Kontonummer ist ",
        "Konto-Nr.: ",
      ],
      ...["numéro de compte : ", "número de cuenta ", "conto corrente n. ", "conta corrente: ", "口座番号："],
      ...["Kundennummer: ", "customer ID ", "policy number ", "sort code "],
    ]),
    one([() => digits(8), () => digits(10), () => `${digits(4)} ${digits(6)}`, () => `K-${digits(7)}`])(),
  ],
  born: () => {
    const [day, year] = [1 + draw(28), 1930 + draw(80)];
    return one<readonly [string, string]>([
      ["born on ", `${day} ${one(["January", "May", "Sept.", "December"])} ${year}`],
      ["born in Leeds on ", `${one(["March", "August", "Oct"])} ${day}, ${year}`],
      ["Date of birth: ", `${pad(1 + draw(12))}/${pad(day)}/${year}`],
      ["DOB ", `${year}-${pad(1 + draw(12))}-${pad(day)}`],
      ["geboren am ", `${day}.${1 + draw(12)}.${year}`],
      ["geb. ", `${day}. ${one(["März", "Mai", "Oktober", "Dezember"])} ${year}`],
      ["née le ", `${day} ${one(["février", "juin", "août", "décembre"])} ${year}`],
      ["date de naissance : ", `${pad(day)}/${pad(1 + draw(12))}/${year}`],
      ["nací el ", `${day} de ${one(["enero", "junio", "octubre"])} de ${year}`],
      ["fecha de nacimiento: ", `${pad(day)}-${pad(1 + draw(12))}-${year}`],
      ["nato il ", `${day} ${one(["gennaio", "giugno", "ottobre"])} ${year}`],
      ["nascido em ", `${day} de ${one(["janeiro", "março", "dezembro"])} de ${year}`],
      ["生年月日：", `${year}年${1 + draw(12)}月${day}日`],
    ]);
  },
  address: () => {
    const [name, number] = [one(names), 1 + draw(250)];
    return one([
      () =>
        `${number} ${name} ${one(["Street", "Ave", "Road", "Lane"])}, ${town()}, ${one(["IL", "CA"])} ${digits(5)}`,
      () => `${number} North ${name} Blvd, Apt ${1 + draw(40)}, ${town()}, NY ${digits(5)}-${digits(4)}`,
      () => `${number} ${name} Road, London SW${1 + draw(9)} ${1 + draw(9)}AB`,
      () =>
        `${one(["Lindenstraße", "Goethestr.", "Kirchweg", "Marktplatz"])} ${number}${one(["", "a"])}, ${digits(5)} ${one(["Berlin", "Köln"])}`,
      () => `${one(["Berliner Straße", "Frankfurter Allee"])} ${number}`,
      () =>
        `${number} rue ${one(["de la Paix", "Victor Hugo", "des Lilas", "de l'Église"])}, ${digits(5)} Paris`,
      () => `Calle de ${one(["Alcalá", "Atocha"])}, ${number}, ${digits(5)} Madrid`,
      () => `Via ${one(["Roma", "Giuseppe Garibaldi"])} ${number}, ${digits(5)} Torino`,
      () => `Rua ${one(["das Flores", "Augusta"])}, ${number}`,
      () => `〒${digits(3)}-${digits(4)} 東京都千代田区丸の内${1 + draw(9)}-${1 + draw(9)}-${1 + draw(9)}`,
      () => `Flat ${number}, MG Road, Bengaluru 560${digits(3)}`,
      () => `P.O. Box ${1 + draw(9999)}`,
    ])();
  },
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
      () => `+1 (${2 + draw(8)}${digits(2)}) 555-${digits(4)}`,
      () => `+91 ${6 + draw(4)}${digits(4)} ${digits(5)}`,
      () => `${6 + draw(4)}${digits(4)} ${digits(5)}`,
      () => `+55 11 9${digits(4)}-${digits(4)}`,
      () => `(${1 + draw(9)}1) 9${digits(4)}-${digits(4)}`,
      () => `07${digits(3)} ${digits(6)}`,
      () => `0${1 + draw(9)}-${digits(4)}-${digits(4)}`,
      () => ["teléfono: ", `6${digits(2)} ${digits(3)} ${digits(3)}`] as const,
      () => ["llámame al ", `9${digits(1)} ${digits(3)} ${digits(2)} ${digits(2)}`] as const,
      () => ["cellulare ", `34${digits(1)} ${digits(7)}`] as const,
      () => ["call me at ", `${6 + draw(4)}${digits(9)}`] as const,
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
  (found: string) => `Use ${found} or something else.`,
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
    const planted = Array.from({ length: 600 }, () => makers[kind]());
    const missed = planted.flatMap((made) => {
      const [before, found] = typeof made === "string" ? ["", made] : made;
      const frame = one(frames);
      const { value } = scrub(frame(`${before}${found}`));
      const due = frame(`${before}[${kind.toUpperCase()}_1]`);
      return value === due ? [] : [`${frame(`${before}${found}`)} → ${value}`];
    });
    expect(missed.slice(0, missed.length <= 12 ? 0 : 20)).toEqual([]);
  });

  it("is not seen in what looks like it: of 300 of each sort, at most two by chance", () => {
    const hex = (count: number) => letters(count, "0123456789abcdef");
    const [day, moon, year] = [() => pad(1 + draw(28)), () => pad(1 + draw(12)), () => 1950 + draw(75)];
    const alike: Record<string, () => string> = {
      version: () => `version ${draw(20)}.${draw(30)}.${draw(99)}.${draw(999)}`,
      release: () => `v${draw(20)}.${draw(30)}.${draw(99)}-rc.${draw(9)}`,
      price: () => `${one(["$", "€", "£", "R$ "])}${1 + draw(9)},${digits(3)},${digits(3)}.${digits(2)}`,
      "price of a table": () => `${1 + draw(99)}.${digits(3)}.${digits(3)},${digits(2)} EUR`,
      "ISBN-13": () => `ISBN 978-${draw(10)}-${digits(2)}-${digits(6)}-${draw(10)}`,
      "ISBN-10": () => `ISBN ${digits(10)}`,
      date: () =>
        one([`${day()}.${moon()}.${year()}`, `${year()}-${moon()}-${day()}`, `${moon()}/${day()}/${year()}`]),
      "date in words": () => `the meeting on ${1 + draw(28)} ${one(["March", "October"])} ${year()}`,
      instant: () =>
        `${year()}-${moon()}-${day()}T${pad(draw(24))}:${pad(draw(60))}:${pad(draw(60))}.${digits(3)}Z`,
      "order number": () => `order no. ${digits(9)}`,
      "number of a ticket": () => `${one(["INV", "PO", "JIRA"])}-${digits(6)}`,
      "number in words": () => `ticket ${digits(10)}`,
      hash: () => hex(one([32, 40, 64])),
      uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
      milliseconds: () => `ts=16${digits(11)}`,
      place: () => `${draw(90)}.${digits(6)}, -${draw(180)}.${digits(6)}`,
      fingerprint: () => Array.from({ length: 16 }, () => hex(2)).join(":"),
      identifier: () => `1${digits(11)}`,
      address: () =>
        `https://example.org/${letters(6)}/${digits(5)}?page=${draw(99)}&sort=name&q=${letters(5)}`,
      sums: () => `${digits(2)} + ${digits(3)} = ${digits(4)}, ${digits(3)} x ${digits(3)}`,
      streets: () => `${2 + draw(30)} people crossed the ${one(["street", "road", "square"])} in ${year()}`,
      "no address": () =>
        `${2 + draw(30)} ${one(["Nobel Prizes", "New Members", "Red Cars"])} and ${draw(99)} more`,
      rooms: () => `Chapter ${draw(30)}, pages ${digits(3)}-${digits(3)}, room ${digits(3)}`,
      account: () => `On this account ${1 + draw(20)} users of ${digits(4)} pay ${digits(3)}`,
      born: () => `born to run in ${year()}, and ${digits(3)} others`,
      key: () => `sk-learn-${letters(10, "abcdef")}, api_key=os.environ["KEY_${draw(9)}"]`,
    };
    const seen = Object.entries(alike).map(([name, make]) => {
      const changed = Array.from({ length: 300 }, () => one(frames)(make())).filter(
        (text) => scrub(text).value !== text,
      );
      return [name, changed.length] as const;
    });
    expect(seen.filter(([, count]) => count > 2)).toEqual([]);
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
    for (const text of clean) expect(scrub(text)).toEqual({ value: text, counts: noPersonal() });
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
    expect(scrub("4111 1111 1111 1111 12/27, DE89 3704 0044 0532 0130 00 or so").value).toBe(
      "[CARD_1] 12/27, [IBAN_1] or so",
    );
    const again = scrub([value, "and carl@example.org"]);
    expect(again.value).toEqual([value, "and [EMAIL_3]"]);
    expect(scrub(again.value).value).toEqual(again.value);
  });

  it("is sought in a time that grows with the text, whatever it repeats", () => {
    const hostile = [
      ...[
        "+1 ",
        "+1(0)",
        "(1) ",
        "A ",
        "Via A ",
        "Via de A",
        "12 A ",
        "1 rue de ",
        "Flat 1, A, ",
        "a://",
        "http://a.?",
      ],
      ...[
        `-----BEGIN ${"PRIVATE"} KEY-----`,
        "1 de ",
        "born 1.1.",
        "account 1",
        "A1",
        "東京都区",
        "eyJa",
        "aa:",
        "12 345 ",
      ],
    ];
    // Squares of these lengths would not end within the test's minute.
    for (const part of [
      "a",
      "a'",
      "a.",
      "a@",
      "a@b.",
      "1 ",
      "1-",
      "1.",
      "ab:",
      "DE12 ",
      "-",
      "I am ",
      ...hostile,
    ]) {
      const text = part.repeat(Math.ceil(200_000 / part.length));
      expect(typeof scrub(text).value).toBe("string");
      expect([secretIn(text) !== null, saysMinor(text)]).toEqual([part.includes("PRIVATE"), false]);
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
