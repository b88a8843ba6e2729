import { describe, expect, it } from "vitest";
import { withDollarMath } from "@/app/components/markdown/math";

describe("withDollarMath", () => {
  it("reads the brackets of TeX as mathematics", () => {
    expect(withDollarMath("so \\(x^2\\) is")).toBe("so $x^2$ is");
    expect(withDollarMath("\\[ a \\]")).toBe("\n$$\na\n$$\n");
  });

  it("takes prices for prices and formulas for formulas", () => {
    expect(withDollarMath("from $5 to $10")).toBe("from \\$5 to \\$10");
    expect(withDollarMath("the $n$-th of $k$")).toBe("the $n$-th of $k$");
    expect(withDollarMath("$$\\frac{1}{2}$$ and \\$3")).toBe("$$\\frac{1}{2}$$ and \\$3");
  });

  it("leaves code alone", () => {
    const code = "`echo $HOME` and\n```sh\nA=$(pwd) \\(x\\)\n```\n";
    expect(withDollarMath(code)).toBe(code);
  });

  it("ends on hostile text", () => {
    // Where it goes over the text again for each piece, the test's time is up before it is done.
    for (const piece of ["\\(", "`", "$a", "$$", "\\[", "``` ", "~~~\n"]) {
      const text = piece.repeat(30_000);
      expect(withDollarMath(text).length).toBeGreaterThanOrEqual(text.length - 1);
    }
  });
});
