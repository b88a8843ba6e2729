/** White space as Python has it: Unicode's, with the separators U+001C to U+001F and U+0085, without U+FEFF. */
const space = "(?:(?!\\ufeff)[\\s\\u001c-\\u001f\\u0085])";
const [one, run] = [new RegExp(`^${space}$`), new RegExp(`${space}+`)];
const [start, end] = [new RegExp(`^${space}+`), new RegExp(`${space}+$`)];

/** Whether a character is white space. */
export const isSpace = (character: string | undefined) => character !== undefined && one.test(character);

/** `str.rstrip()`. */
export const rstrip = (text: string) => text.replace(end, "");

/** `str.strip()`. */
export const strip = (text: string) => rstrip(text).replace(start, "");

/** `re.split(r"\s+", text)`. */
export const splitAtSpace = (text: string) => text.split(run);
