import { describe, expect, it } from "vitest";
import { withDollarMath } from "@/app/components/markdown/math";

describe("withDollarMath", () => {
  it("reads the brackets of TeX as mathematics", () => {
    expect(withDollarMath("so \\(x^2\\) is").source).toBe("so $x^2$ is");
    expect(withDollarMath("\\[ a \\]").source).toBe("\n$$\na\n$$\n");
  });

  it("takes prices for prices and formulas for formulas", () => {
    expect(withDollarMath("from $5 to $10").source).toBe("from \\$5 to \\$10");
    expect(withDollarMath("the $n$-th of $k$").source).toBe("the $n$-th of $k$");
    expect(withDollarMath("$$\\frac{1}{2}$$ and \\$3").source).toBe("$$\\frac{1}{2}$$ and \\$3");
  });

  it("leaves code alone", () => {
    const code = "`echo $HOME` and\n```sh\nA=$(pwd) \\(x\\)\n```\n";
    expect(withDollarMath(code).source).toBe(code);
  });

  it.each([
    ["so \\(x^2\\) is", true],
    ["\\[ a \\]", true],
    ["the $n$-th", true],
    ["$$\\frac{1}{2}$$", true],
    ["```math\nx + y\n```", true],
    ["> ~~~ math 1\n> x + y\n> ~~~", true],
    ["```mathematica\nx\n```", false],
    ["from $5 to $10, \\$3, a \\ b", false],
    ["`$x$` and\n```sh\nA=$(pwd) \\(x\\) $n$\n```\n", false],
    ["plain", false],
  ])("tells whether %j has mathematics", (text, hasMath) => {
    expect(withDollarMath(text).hasMath).toBe(hasMath);
  });

  it("ends on hostile text", () => {
    // Where it goes over the text again for each piece, the test's time is up before it is done.
    for (const piece of ["\\(", "`", "$a", "$$", "\\[", "``` ", "~~~\n"]) {
      const text = piece.repeat(30_000);
      expect(withDollarMath(text).source.length).toBeGreaterThanOrEqual(text.length - 1);
    }
  });
});
