import { isIP, isIPv6 } from "node:net";
import {
  ibanShape,
  isAadhaar,
  isCodiceFiscale,
  isCpf,
  isDni,
  isIban,
  isNir,
  isSteuerId,
  passesLuhn,
} from "./check-digits";
import { anySecret } from "./secrets";

/**
 * Personal data that has a pattern, in the order in which it is sought: what was replaced as one kind is no other. Every
 * repetition has a bound or eats what it finds, so that seeking takes a time that grows with the text.
 */
export const personalKinds = [
  ...(["url", "secret", "email", "iban", "card", "mac", "ip"] as const),
  ...(["id", "ssn", "account", "born", "address", "phone"] as const),
];
export type PersonalKind = (typeof personalKinds)[number];

export const noPersonal = (): Record<PersonalKind, number> => ({
  ...{ url: 0, secret: 0, email: 0, iban: 0, card: 0, mac: 0, ip: 0 },
  ...{ id: 0, ssn: 0, account: 0, born: 0, address: 0, phone: 0 },
});

/** So many characters before and after a find are looked at. */
export const AROUND = 60;

interface Pattern {
  readonly sought: RegExp;
  /** What makes two spellings one, or null where it only looks like one. Digits come as 0–9. */
  key(found: string, before: string, after: string): string | null;
}

/** What separates groups of digits: spaces of any width, dots, hyphens and dashes. */
const gap = "[\\s.\\-\\u2010-\\u2015\\u2212\\uff0d]";
/** Neither in the middle of a word or number, nor of a path, a version or an identifier. */
const outside = "(?<![\\p{L}\\p{N}_./@#=$-])";
const end = "(?![\\p{L}\\p{N}_])";
const fileEndings =
  /\.(?:png|jpe?g|gif|svg|webp|js|ts|css|html|json|md|py|sh|txt|conf|service|target|socket|timer)$/i;
const compact = (found: string) => found.replace(/[^A-Z0-9]/gi, "").toUpperCase();

/** Parameters that let whoever has the address act as somebody. */
const tokenParameter =
  /[?&#;](?:[\w-]{0,30}(?:token|secret|signature|password|passwd|session|credential|api[_-]?key)[\w-]{0,10}|key|auth|sig|pwd|sid|jwt|code|otp)=[^&#;\s]{6}/i;

/** Words before a number of nine or ten digits that a telephone may have and much else has too. */
const callWords =
  /(?:tel|phone|telephone|mobile|cell|call|fax|whatsapp|text|ring|reach|t[ée]l[ée]phone|portable|appelez|tel[ée]fono|m[óo]vil|celular|ll[áa]m\p{L}{1,5}|telefone|ligue|telefon\p{L}{0,6}|handy\p{L}{0,6}|cellulare|फ़?ोन|फोन|मोबाइल|電話|携帯)[^\p{N}\n]{0,16}$/iu;
/** Words before a number that is of a thing. */
const thingWords =
  /(?:isbn|issn|ean|gtin|upc|doi|sku|ref|order|invoice|ticket|part|serial|tracking|version|article|bestellung|rechnung|artikel|commande|facture|pedido|factura|ordine|fattura)\p{L}{0,8}(?:-1[03])?[ -]?(?:number|no|nr|num|nummer|número|n)?[.:#=º°\s]{0,4}$/iu;
const aadhaarWords = /(?:aadhaar|aadhar|uidai|\buid\b|आधार)[^\p{N}\n]{0,20}$/iu;
const ssnWords = /(?:\bssn\b|social security)[^\p{N}\n]{0,20}$/iu;
const accountWords =
  /(?:\baccount|\bacct|\ba\/c\b|\bkonto\p{L}{0,8}|\bkto\b|\bcompte\b|\bcuenta\b|\bconto\b|\bconta\b|\bkundennummer|\bcustomer (?:number|no|id)|\bclient (?:number|no|id)|\bmembership|\bpolicy (?:number|no)|\brouting|\bsort code|口座番号|खाता)(?:[ -](?:number|no|nr|num|n|id|bancaria|bancario|bancária|bancaire|corrente|corriente|de ahorros|संख्या|नंबर)){0,2}[.:：#=º°\s]{0,4}(?:is |ist |est |es |è |é |lautet )?$/iu;
const bornWords =
  /(?:\bborn\b|\bdate of birth|\bbirth ?da(?:te|y)\b|\bd\.?o\.?b\b|\bgeboren\b|\bgeb\.|\bgeburts(?:datum|tag)|\bn[ée]{1,2}e? le\b|\bn[ée]e?\(e\) le|\bnaissance\b|\bnacid[oa]\b|\bnac[ií](?!\p{L})|\bnacimiento\b|\bcumpleaños\b|\bnat[oa] (?:il|a)\b|\bnascita\b|\bnascid[oa]\b|\bnasci(?!\p{L})|\bnascimento\b|生年月日|出生日期|出生于|生日|जन्म)[^\n.!?;]{0,30}$/iu;

const month =
  "(?:jan(?:uary|uar|vier|eiro)?|enero|gennaio|jänner|feb(?:ruary|ruar|braio|rero)?|février|fevereiro|mar(?:ch|s|zo|ço)?|märz|apr(?:il|ile)?|avril|abril|ma[iy]o?|maggio|june?i?|juin|junio|junho|giugno|july?i?|juillet|julio|julho|luglio|aug(?:ust)?|août|agosto|sep(?:t(?:ember|embre|iembre)?)?|settembre|setembro|o[ck]t(?:ober|obre)?|octubre|ottobre|outubro|nov(?:ember|embre|iembre|embro)?|de[cz](?:ember|embre)?|dicembre|diciembre|dezembro|décembre)";

/** Words of a name: each begins with a capital. */
const named = "\\p{Lu}[\\p{L}\\p{M}'’.-]{0,30}";
const linked = `(?:(?:de|du|des|la|le|les|los|las|el|del|della|delle|dei|di|da|do|dos|das|d['’]|l['’])[ ]?){0,3}`;
const townWord = "(?:St\\.? )?\\p{Lu}[\\p{L}\\p{M}'’-]{0,30}";
const town = `${townWord}(?: ${townWord}){0,2}`;
const street =
  "(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent|Gardens|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail)";
const addresses = [
  // 12 North Main Street, Apt 4B, Springfield, IL 62704; 10 Downing Street, London SW1A 2AA
  `\\d{1,6}[A-Za-z]?,? (?:${named} ){1,4}${street}(?![\\p{L}])\\.?(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|#)\\.? ?[\\w-]{1,6})?(?:,? ${town},? (?:[A-Z]{2} \\d{5}(?:-\\d{4})?|[A-Z]{1,2}\\d[A-Z\\d]? \\d[A-Z]{2}))?`,
  // Lindenstraße 12a, 10969 Berlin; Straße and Allee may stand alone
  `\\p{Lu}[\\p{L}-]{1,30}(?:straße|strasse|str\\.|weg|platz|allee|gasse|ring|damm|ufer) ?\\d{1,4} ?[a-z]?(?![\\p{L}\\p{N}])(?:,? (?:[ADF]|CH)?-?\\d{4,5} ${town})?`,
  `\\p{Lu}[\\p{L}-]{1,30} (?:Straße|Strasse|Str\\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer) \\d{1,4} ?[a-z]?(?![\\p{L}\\p{N}])(?:,? \\d{4,5} ${town})?`,
  // 14 bis, rue de la Paix, 75002 Paris
  `\\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|av\\.|boulevard|bd|place|chemin|impasse|allée|quai|route|cours) ${linked}\\p{L}[\\p{L}\\p{M}'’-]{1,30}(?: ${named}){0,3}(?:,? \\d{5} ${town})?`,
  // Calle de Alcalá, 12, 28013 Madrid; Via Roma 5, 00184 Roma; Rua das Flores, 123
  `(?:Calle|C/|Avenida|Avda\\.|Av\\.|Plaza|Paseo|Carrera|Via|Viale|Piazza|Corso|Largo|Vicolo|Rua|Travessa|Praça|Alameda|Rodovia) ?${linked}${named}(?: ${linked}${named}){0,3},? (?:n[.º°]{0,2} ?)?\\d{1,5}(?![\\p{L}\\p{N}]|\\.\\d)(?:,? (?:CEP )?\\d{5}(?:-\\d{3})?(?: ${town})?)?`,
  // 〒100-0001 東京都千代田区千代田1-1
  "〒\\d{3}-\\d{4}(?:\\s?[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー]{2,30}[\\d-]{0,12})?",
  "(?:東京都|北海道|大阪府|京都府|\\p{sc=Han}{2,3}県)\\p{sc=Han}{1,8}[市区町村郡][\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー]{0,12}\\d{1,4}(?:丁目\\d{0,4}|[-−]\\d{1,4}){0,3}",
  // Flat 12, MG Road, Bengaluru 560001
  `(?:Flat|House|Plot|Door|H\\.) ?(?:No\\.? ?)?[\\w/-]{1,8}, (?:${named},? ){1,6}(?:- ?)?\\d{3} ?\\d{3}`,
  "(?:P\\.? ?O\\.? ?Box|Postfach|Apartado|Caixa Postal) \\d{1,7}",
];

export const patterns: Record<PersonalKind, Pattern> = {
  url: {
    sought: /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"'`，。、]*[^\s<>"'`，。、.,;:!?)\]}]/gi,
    key: (found) =>
      /^[^/]+\/\/[^/?#\s:@]*:[^/?#\s@]+@/.test(found) || tokenParameter.test(found) ? found : null,
  },
  secret: { sought: anySecret, key: (found) => found },
  email: {
    sought:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.){1,10}(?:\p{L}{2,24}|xn--[a-z0-9-]+)(?![\p{L}\p{N}_])/gu,
    key(found, _before, after) {
      // git@host.org:path names a repository, x@w.sum() multiplies, icon@2x.png is a file.
      if (/^(?:git|hg|svn)@/.test(found) && after.startsWith(":")) return null;
      if (after.startsWith("(") || fileEndings.test(found)) return null;
      return found.toLowerCase();
    },
  },
  iban: {
    sought: new RegExp(`${outside}(?:${ibanShape})${end}`, "giu"),
    key: (found) => (isIban(compact(found)) ? compact(found) : null),
  },
  card: {
    // In the groups that are printed first: the month of its end and the like may stand behind.
    sought: new RegExp(
      `${outside}(?:\\d{4}([ \\u00a0-])\\d{4}\\1\\d{4}\\1\\d{4}|\\d{4}([ \\u00a0-])\\d{6}\\2\\d{5}|\\d{13,19}|\\d(?:[ \\u00a0-]?\\d){12,18})${end}(?!\\.\\d)`,
      "gu",
    ),
    key(found) {
      const digits = compact(found);
      return isCardNumber(digits) && passesLuhn(digits) ? digits : null;
    },
  },
  mac: {
    sought:
      /(?<![\p{L}\p{N}_:.-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\p{L}\p{N}_]|[:-][0-9a-f]|\.\d)/giu,
    // All zeros or ones are nobody's.
    key: (found) => (/^(?:0|f)+$/i.test(compact(found)) ? null : compact(found)),
  },
  ip: {
    sought:
      /(?<![\p{L}\p{N}_.:-])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)|(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3}|(?<=::)))(?![\p{L}\p{N}_:])/giu,
    key(found, before) {
      if (isIP(found) === 0) return null;
      // Versions, enzymes and sections have four numbers too; a mask, and the machine itself, are nobody's.
      if (
        /(?:version|release|build|\bv|\bEC|section|chapter|§|firefox|chrome|edge|windows|kernel|driver|firmware|==|>=|<=|~=|\^)[\s:="']*$/i.test(
          before,
        )
      )
        return null;
      if (/^(?:127|255)\.|^0\.0\.0\.0$|^::1?$/.test(found)) return null;
      // a::b is a name in C++ and a slice in Python.
      if (isIPv6(found) && found.split(":").filter((part) => part !== "").length < 3) return null;
      return found.toLowerCase();
    },
  },
  id: {
    sought: new RegExp(
      `(?<![\\p{L}\\p{N}_./@#=$+-])(?:${[
        // Steuer-ID: 12 345 678 901; CPF: 123.456.789-09
        "[1-9]\\d (?:\\d{3} ){2}\\d{3}|\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}|\\d{11}",
        // NIR: 1 84 12 76 451 089 46
        "[1-478] ?\\d{2} ?\\d{2} ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}",
        // DNI: 12345678Z, 12.345.678-Z; NIE: X1234567L
        "\\d{2}(?:\\.?\\d{3}){2}[ -]?[A-Z]|[XYZ][ -]?\\d{7}[ -]?[A-Z]",
        // Aadhaar: 2345 6789 0123
        "[2-9]\\d{3}([ -]?)\\d{4}\\1\\d{4}",
        // Codice fiscale: RSSMRA85T10A562S
        "[A-Z]{6} ?[\\dLMNP-V]{2}[A-EHLMPRST][\\dLMNP-V]{2} ?[A-Z][\\dLMNP-V]{3}[A-Z]",
      ].join("|")})${end}(?!${gap}\\d)`,
      "giu",
    ),
    key(found, before) {
      const number = compact(found);
      if (isSteuerId(number) || isNir(number) || isDni(number) || isCodiceFiscale(number)) return number;
      // One digit leaves every tenth number standing: it needs the usual groups, or the word.
      if (isAadhaar(number) && (/[ -]/.test(found) || aadhaarWords.test(before))) return number;
      const isDialled = /^0\d+$/.test(found) && !/cpf[^\p{N}]{0,12}$/iu.test(before);
      return isCpf(number) && !isDialled ? number : null;
    },
  },
  ssn: {
    sought: new RegExp(
      `${outside}(?!000|666|9)\\d{3}([ -]?)(?!00)\\d{2}\\1(?!0000)\\d{4}${end}(?![-.]\\d)`,
      "gu",
    ),
    key: (found, before) => (found.includes("-") || ssnWords.test(before) ? compact(found) : null),
  },
  account: {
    sought: new RegExp(`(?<![\\p{L}\\p{N}_])(?:[A-Z]{1,3}-?)?\\d(?:[ -]?\\d){4,19}${end}(?!\\.\\d)`, "gu"),
    key: (found, before) => (accountWords.test(before) ? compact(found) : null),
  },
  born: {
    sought: new RegExp(
      `(?<![\\p{L}\\p{N}])(?:${[
        "\\d{1,4}([./-]) ?\\d{1,2}\\1 ?\\d{1,4}",
        `\\d{1,2}(?:\\.|st|nd|rd|th|er|º|°)? (?:(?:of|de) )?${month}\\.?,? (?:de )?\\d{4}`,
        `${month}\\.? \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}`,
        "\\d{4}\\s?年\\s?\\d{1,2}\\s?月\\s?\\d{1,2}\\s?日",
      ].join("|")})(?!\\p{N})`,
      "giu",
    ),
    key: (found, before, after) =>
      bornWords.test(before) || /^\s?(?:生まれ|出生)/.test(after) ? found.toLowerCase() : null,
  },
  address: {
    sought: new RegExp(`(?<![\\p{Lu}\\p{Ll}\\p{N}_./-])(?:${addresses.join("|")})(?![\\p{Ll}\\p{N}])`, "gu"),
    key: (found) => found.toLowerCase().replace(/[\s,.]+/g, " "),
  },
  phone: {
    sought: new RegExp(
      `(?:${[
        // +49 (0)30 1234567, 0049 30 1234567, +1 (415) 555-2671
        `(?<![\\p{L}\\p{N}_])(?:\\+|00(?=[1-9]))\\d(?:\\)?(?:${gap}(?:\\(0\\)${gap}?)?|\\(0\\)${gap}?)?\\(?\\d){6,13}`,
        // (415) 555-2671, (11) 98765-4321
        `${outside}\\(\\d{2,5}\\)${gap}?\\d{2,5}(?:${gap}?\\d{2,4}){1,3}`,
        // 415-555-2671, 415.555.2671
        `${outside}(?:1${gap})?\\d{3}(${gap})\\d{3}\\1\\d{4}`,
        // 030 1234567, 0171-2345678, 030/1234567, 01 23 45 67 89, 090-1234-5678
        `${outside}0\\d{1,4}(?:${gap}|/)\\d{2,4}(?:${gap}?\\d{2,4}){1,4}`,
        `${outside}0[1-9]\\d{8,9}`,
        // 98765 43210, 11 98765-4321
        `${outside}[6-9]\\d{4}[ -]\\d{5}|${outside}[1-9]\\d 9\\d{4}-\\d{4}`,
        // 612 345 678, 91 123 45 67, 347 1234567, 9876543210: these need a word before them
        `${outside}[2-9]\\d(?:[ -]?\\d){7,8}`,
      ].join("|")})${end}(?!${gap}?\\d|\\.\\d)`,
      "gu",
    ),
    key(found, before) {
      const digits = found.replace("(0)", "").replace(/\D/g, "");
      if (digits.length < 8 || digits.length > 15) return null;
      // 01.02.2026 and 01-02-2026 are days.
      if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(found)) return null;
      if (/^[+(]/.test(found)) return digits;
      if (thingWords.test(before)) return null;
      const isTelling = /^(?:0|1?\D?\d{3}(\D)\d{3}\1\d{4}$|[6-9]\d{4}[ -]\d{5}$|[1-9]\d 9\d{4}-\d{4}$)/.test(
        found,
      );
      return isTelling || callWords.test(before) ? digits : null;
    },
  },
};

/** Lengths and beginnings that issuers use: a number of a database with a good check sum is rarely among them. */
const isCardNumber = (digits: string): boolean =>
  /^(?:4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6\d{15}|6\d{18}|35\d{14})$/.test(
    digits,
  );
