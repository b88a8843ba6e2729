import { expect, test } from "vitest";
import { latexDocument, tex } from "@/server/conclusion/latex";

test.each([
  ["a\\b~c^d", "a\\textbackslash{}b\\textasciitilde{}c\\textasciicircum{}d"],
  ["100 % & $5 #1 x_y {z}", "100 \\% \\& \\$5 \\#1 x\\_y \\{z\\}"],
  // At the head of a row of a table they would be taken for what follows a line's end.
  ["[5cm] *", "{[}5cm{]} {*}"],
  ["\\input{/etc/passwd}", "\\textbackslash{}input\\{/etc/passwd\\}"],
  ["one\n\ntwo\ttabs\u0000\u007f\u001b", "one two tabs"],
  ["Mu\u0308ller", "Müller"],
  ["half \ud800 \ufffd", "half ? ?"],
  ["≥ ½ × α", "$\\ge$ \\textonehalf{} $\\times$ $\\alpha$"],
])("%j is %j in LaTeX", (text, written) => {
  expect(tex(text)).toBe(written);
});

test("pdfLaTeX is told of each character that it may not know, and of nothing else", () => {
  const document = latexDocument([tex("Łódź 中 \u200f plain")]);
  const declared = document.split("\n").filter((line) => line.startsWith("\\unlessknown{"));
  expect(declared.filter((line) => line.includes("{4E2D}"))).toEqual([
    "\\unlessknown{中}{4E2D}{{\\tiny[U+4E2D]}}",
  ]);
  // A mark of direction prints as nothing.
  expect(declared.filter((line) => line.includes("{200F}"))).toEqual(["\\unlessknown{\u200f}{200F}{}"]);
  expect(declared).toHaveLength(5);
});
