/** Check digits of numbers that are given to persons: a run of digits that has them by chance is rare. */

/** ISO/IEC 7812-1, annex B, of payment cards. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** IBANs by country. Source: the registry of ISO 13616 (SWIFT). */
const ibanLength: Readonly<Record<string, number>> = Object.fromEntries(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** As many letters and digits as its country has, in groups or not: the word behind it is none of it. */
export const ibanShape = Object.entries(ibanLength)
  .map(([country, length]) => `${country}\\d{2}(?:[ \\u00a0-]?[A-Z0-9]){${length - 4}}`)
  .join("|");

/** ISO 7064, mod 97-10: the country and check digits behind, letters as 10 to 35. */
function remainder97(iban: string): number {
  let rest = 0;
  for (const letter of iban.slice(4) + iban.slice(0, 4))
    for (const digit of String(Number.parseInt(letter, 36))) rest = (10 * rest + Number(digit)) % 97;
  return rest;
}

/** @param compact capital letters and digits */
export const isIban = (compact: string): boolean =>
  ibanLength[compact.slice(0, 2)] === compact.length && remainder97(compact) === 1;

/**
 * Germany's tax number: among its first ten digits one stands two or three times, and no other more than once; the last
 * is by ISO 7064, mod 11,10.
 */
export function isSteuerId(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  const times = [..."0123456789"].map((digit) => digits.slice(0, 10).split(digit).length - 1);
  if (times.filter((count) => count > 1).length !== 1 || Math.max(...times) > 3) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

/** France's number of social security: 97 less the remainder of the first 13 digits; Corsica's 2A and 2B are 19 and 18. */
export function isNir(compact: string): boolean {
  if (!/^[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-4]\d|[5-9]\d)(?:\d{2}|2[AB])\d{8}$/.test(compact)) return false;
  const number = Number(compact.slice(0, 13).replace("2A", "19").replace("2B", "18"));
  return 97 - (number % 97) === Number(compact.slice(13));
}

/** Spain's DNI and NIE: a letter by the remainder of 23. */
export function isDni(compact: string): boolean {
  const [, begin, digits, letter] = /^([XYZ]?)(\d{7,8})([A-Z])$/.exec(compact) ?? [];
  if (digits === undefined || begin.length + digits.length !== 8) return false;
  const number = Number(begin === "" ? digits : `${"XYZ".indexOf(begin)}${digits}`);
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] === letter;
}

/** What letters and digits at odd places count in a codice fiscale. Source: D.M. 23 December 1976. */
const oddPlaces = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/** Italy's codice fiscale; letters stand for digits where two persons would have the same. */
export function isCodiceFiscale(compact: string): boolean {
  const digit = "[\\dLMNP-V]";
  if (!new RegExp(`^[A-Z]{6}${digit}{2}[A-EHLMPRST]${digit}{2}[A-Z]${digit}{3}[A-Z]$`).test(compact))
    return false;
  const sum = [...compact.slice(0, 15)].reduce((all, letter, place) => {
    const value = /\d/.test(letter) ? Number(letter) : letter.charCodeAt(0) - 65;
    return all + (place % 2 === 0 ? oddPlaces[value] : value);
  }, 0);
  return String.fromCharCode(65 + (sum % 26)) === compact[15];
}

/** J. Verhoeff, Error detecting decimal codes, 1969: the dihedral group of ten, and a permutation for each place. */
const turned = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
const dihedral = (a: number, b: number): number =>
  a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;

/** India's Aadhaar. */
export function isAadhaar(digits: string): boolean {
  if (!/^[2-9]\d{11}$/.test(digits)) return false;
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    let value = Number(digit);
    for (let turn = 0; turn < place % 8; turn++) value = turned[value];
    sum = dihedral(sum, value);
  }
  return sum === 0;
}

/** Brazil's CPF: two digits, each by the remainder of 11; one digit eleven times is given to nobody. */
export function isCpf(digits: string): boolean {
  if (!/^\d{11}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  return [9, 10].every((count) => {
    const sum = [...digits.slice(0, count)].reduce(
      (all, digit, place) => all + Number(digit) * (count + 1 - place),
      0,
    );
    return ((10 * sum) % 11) % 10 === Number(digits[count]);
  });
}
