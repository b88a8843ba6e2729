/** A guess at the language of a text: by its script, and among those of one script by letters and frequent words. */

/** Scripts that one language among those asked for is written in. */
const scripts: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Hangul}/gu, "ko"],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, "ja"],
  [/\p{Script=Han}/gu, "zh-cn"],
  [/\p{Script=Bengali}/gu, "bn"],
  [/\p{Script=Thai}/gu, "th"],
  [/\p{Script=Tamil}/gu, "ta"],
  [/\p{Script=Telugu}/gu, "te"],
  [/\p{Script=Hebrew}/gu, "he"],
  [/\p{Script=Kannada}/gu, "kn"],
  [/\p{Script=Gujarati}/gu, "gu"],
  [/\p{Script=Gurmukhi}/gu, "pa"],
  [/\p{Script=Malayalam}/gu, "ml"],
  [/\p{Script=Greek}/gu, "el"],
  [/\p{Script=Arabic}/gu, "ar"],
  [/\p{Script=Devanagari}/gu, "hi"],
  [/\p{Script=Cyrillic}/gu, "ru"],
  [/\p{Script=Latin}/gu, "en"],
];

/** Letters or frequent words by which languages of one script are told apart. */
const marks: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  ar: { fa: /[پچژگک]|\b(?:است|این)\b/gu, ur: /[ٹڈڑںےہھ]/gu },
  hi: {
    mr: /ळ|(?<!\p{L})(?:आहे|आणि|आहेत|नाही)(?!\p{L})/gu,
    ne: /(?<!\p{L})(?:छ|छन्|र|हो|गर्न|भएको)(?!\p{L})/gu,
    hi: /(?<!\p{L})(?:है|हैं|और|का|की|में)(?!\p{L})/gu,
  },
  ru: {
    uk: /[іїєґ]/giu,
    bg: /(?<!\p{L})(?:на|да|се|за|от|е|и|са|който)(?!\p{L})|ът(?!\p{L})/giu,
    ru: /[ыэё]|(?<!\p{L})(?:в|не|что|и|на|это|с)(?!\p{L})/giu,
  },
  en: Object.fromEntries(
    Object.entries({
      en: "the of and to in is that for it with was on are be this you as have not but at i we they will can from or an what my your do",
      es: "el la los las de que y en un una es por con para se del no su lo como más pero sus le",
      pt: "o a os as de que e em um uma é por com para se do da não no na mais mas dos seu você",
      fr: "le la les des de et est un une en que qui dans pour pas sur au avec ce il je vous nous du plus ne",
      de: "der die das und ist nicht ein eine zu den mit von für auf es sich dem im ich sie wir auch wie als",
      it: "il lo la gli le di che e un una è per con non si del della in sono come più ma anche",
      pl: "i w na z się nie do że to jest o jak ale po co przez dla od czy ich",
      vi: "và là của có không được các một trong cho với người này những đã để",
      sw: "na ya wa ni kwa katika la za kuwa hii cha yake kama lakini sana hiyo",
      fi: "ja on ei että se hän mutta ovat oli kun myös ole voi tämä niin joka",
      nl: "de het een en van is dat niet op te zijn voor met die in aan ook",
    }).map(([language, words]) => [
      language,
      new RegExp(`(?<![\\p{L}\\p{M}])(?:${words.split(" ").join("|")})(?![\\p{L}\\p{M}])`, "giu"),
    ]),
  ),
};

const occurrences = (pattern: RegExp, text: string) => text.match(pattern)?.length ?? 0;

/** Its ISO 639-1 code; null where it has no letters. */
export function languageOf(text: string): string | null {
  const counts = scripts.map(([script, language]) => ({ language, count: occurrences(script, text) }));
  const kana = counts.find(({ language }) => language === "ja")?.count ?? 0;
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  if (most.count === 0) return null;
  if (most.language === "zh-cn" && kana > 0) return "ja";
  const candidates = Object.entries(marks[most.language] ?? {}).map(([language, pattern]) => ({
    language,
    count: occurrences(pattern, text),
  }));
  const best = candidates.reduce((found, one) => (one.count > found.count ? one : found), {
    language: most.language,
    count: 0,
  });
  return best.language;
}
