import { InputError } from "../../statistics/estimate";

const flagsOf: Readonly<Record<string, string>> = { i: "i", s: "s", m: "m", u: "", a: "" };
const classes: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\s\\x1c-\\x1f\\x85",
};
const syntax = /[\\^$.*+?()[\]{}|/]/;

/**
 * A pattern of Python's `re` as JavaScript runs it: `\d`, `\w` and `\s` are Unicode's, `.` stops at a line feed only, `$`
 * also matches before the last line feed, flags may stand in front.
 * @param place what the pattern was given as, for the error
 * @throws InputError where JavaScript has nothing of the kind (atomic groups, possessive quantifiers, conditions).
 */
export function pythonRegex(pattern: string, place: string): RegExp {
  const refuse = (what: string): never => {
    throw new InputError(`${place}: the pattern ${JSON.stringify(pattern)} ${what}.`);
  };
  let flags = "u";
  const body = pattern.replace(/^(?:\(\?([aimsu]+)\))+/, (all) => {
    for (const [letter] of all.matchAll(/[a-z]/g)) {
      const flag = flagsOf[letter] ?? "";
      if (!flags.includes(flag)) flags += flag;
    }
    return "";
  });
  const dot = flags.includes("s") ? "." : "[^\\n]";
  const end = flags.includes("m") ? "(?=\\n|(?![^]))" : "(?=\\n?(?![^]))";
  const start = flags.includes("m") ? "(?<=\\n|(?<![^]))" : "(?<![^])";
  let out = "";
  let inClass = false;
  for (let at = 0; at < body.length; at++) {
    const rest = body.slice(at);
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (character === "\\") {
      const letter = body[++at] ?? refuse("ends in a backslash");
      const wide = classes[letter];
      if (wide !== undefined) out += inClass ? wide : `[${wide}]`;
      else if (letter === "W" || letter === "S") {
        if (inClass) refuse(`has \\${letter} in a class, which is not supported: write the class out`);
        out += `[^${classes[letter.toLowerCase()]}]`;
      } else if (!inClass && letter === "b") out += boundary(true);
      else if (!inClass && letter === "B") out += boundary(false);
      else if (letter === "A") out += "(?<![^])";
      else if (letter === "Z") out += "(?![^])";
      else if (letter === "a") out += "\\x07";
      else if (/[ntrfvxu0-9]/.test(letter) || (inClass && letter === "b")) out += `\\${letter}`;
      else if (/[A-Za-z]/.test(letter)) refuse(`has \\${letter}, which is not supported`);
      else out += syntax.test(letter) || (inClass && letter === "-") ? `\\${letter}` : letter;
      continue;
    }
    if (inClass) {
      if (character === "]") inClass = false;
      out += character === "[" ? "\\[" : character;
    } else if (character === "[") {
      inClass = true;
      out += "[";
      if (body[at + 1] === "^") out += body[++at];
      // In Python a bracket that comes first is one of the class.
      if (body[at + 1] === "]") {
        out += "\\]";
        at++;
      }
    } else if (character === "(" && rest.startsWith("(?")) {
      const named = /^\(\?P<(\w+)>/.exec(rest);
      const same = /^\(\?P=(\w+)\)/.exec(rest);
      const known = /^\(\?(?::|=|!|<=|<!)/.exec(rest);
      const comment = /^\(\?#[^)]*\)/.exec(rest);
      const found = named ?? same ?? known ?? comment ?? refuse("has a group that is not supported");
      at += found[0].length - 1;
      if (named) out += `(?<${named[1]}>`;
      else if (same) out += `\\k<${same[1]}>`;
      else if (known) out += known[0];
    } else if (character === ".") out += dot;
    else if (character === "$") out += end;
    else if (character === "^") out += start;
    else if (character === "{") {
      const quantifier = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
      if (quantifier && (quantifier[1] || quantifier[3])) {
        out += `{${quantifier[1] || "0"}${quantifier[2]}${quantifier[3]}}`;
        at += quantifier[0].length - 1;
      } else out += "\\{";
    } else if (character === "}" || character === "]") out += `\\${character}`;
    else if (/^[*+?}]\+/.test(rest)) {
      // Python 3.11 reads `c++` as possessive; where nothing follows, a greedy one matches the same.
      if (rest.length > 2) refuse("has a possessive quantifier, which is not supported");
      out += character;
      at++;
    } else {
      out += character;
      at += character.length - 1;
    }
  }
  try {
    return new RegExp(out, `g${flags}`);
  } catch (cause) {
    return refuse(`is not understood (${cause instanceof Error ? cause.message : cause})`);
  }
}

const word = "[\\p{L}\\p{N}_]";
const boundary = (is: boolean) =>
  is
    ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;

/** `re.findall`: the text of a match, of its one group, or of its groups. */
export function findAll(pattern: RegExp, text: string): (string | string[])[] {
  return Array.from(text.matchAll(pattern), ([whole, ...groups]) => {
    if (groups.length === 0) return whole;
    const given = groups.map((group) => group ?? "");
    return given.length === 1 ? given[0] : given;
  });
}
