const SIGNS: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  // At the head of a row they would belong to the end of the one before.
  "[": "{[}",
  "]": "{]}",
  "*": "{*}",
  "−": "$-$",
  "–": "--",
  "≥": "$\\ge$",
  "√": "$\\surd$",
  θ: "$\\theta$",
  ν: "$\\nu$",
  α: "$\\alpha$",
  ρ: "$\\rho$",
  "×": "$\\times$",
  "½": "\\textonehalf{}",
  "¼": "\\textonequarter{}",
};

/** Text as LaTeX has it: what would be a command is a letter, and what is no letter at all is left out. */
export const tex = (text: string): string =>
  text
    // LuaTeX refuses these as broken UTF-8.
    .replaceAll(/[\p{Cs}\ufffd-\uffff]/gu, "?")
    .normalize("NFC")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\p{Cc}/gu, "")
    .replaceAll(/[\\~^&%$#_{}[\]*−–≥√θναρ×½¼]/g, (sign) => SIGNS[sign] ?? `\\${sign}`);

/**
 * A document that compiles as it is, whatever stands in its names. LuaLaTeX and XeLaTeX take the fonts of the machine for
 * scripts that theirs lacks; pdfLaTeX, which has Latin alone, prints the number of a character that it does not know.
 */
export function latexDocument(body: readonly string[]): string {
  const text = body.join("\n");
  const foreign = [...new Set(text)].filter((sign) => sign > "\u00a0").sort();
  return [
    "\\documentclass{article}",
    "\\usepackage{iftex}",
    "\\ifPDFTeX",
    "\\usepackage[utf8]{inputenc}",
    "\\usepackage[T1]{fontenc}",
    "\\usepackage{textcomp}",
    "\\newcommand{\\unlessknown}[3]{\\expandafter\\ifx\\csname u8:\\detokenize{#1}\\endcsname\\relax\\DeclareUnicodeCharacter{#2}{#3}\\fi}",
    ...foreign.map((sign) => {
      const number = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      // Marks of direction and joining are nothing to print.
      const shown = /\p{Cf}/u.test(sign) ? "" : `{\\tiny[U+${number}]}`;
      return `\\unlessknown{${sign}}{${number}}{${shown}}`;
    }),
    "\\else",
    "\\usepackage{fontspec}",
    // No conditional of its own: pdfLaTeX skips this by counting them.
    ...(foreign.some((sign) => /\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}/u.test(sign))
      ? [
          "\\IfFontExistsTF{Noto Serif CJK SC}{\\setmainfont{Noto Serif CJK SC}}{\\IfFontExistsTF{Noto Sans CJK SC}{\\setmainfont{Noto Sans CJK SC}}{}}",
        ]
      : []),
    "\\fi",
    "\\usepackage{tikz}",
    "\\usepackage{graphicx}",
    "\\begin{document}",
    text,
    "\\end{document}",
    "",
  ].join("\n");
}
