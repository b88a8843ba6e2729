import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Rules that judge colours. Whatever else axe finds in a document it finds in every colour scheme. */
const COLOURS = ["color-contrast", "link-in-text-block"];

interface Look {
  /** All of them, or those that judge colours, or all others. */
  rules?: "all" | "colours" | "others";
  /** A selector of the part to look at: the rest was looked at before. */
  within?: string;
}

/** What a person with a screen reader, a keyboard or weak eyes would stumble over, as axe sees it. */
export async function seriousProblems(page: Page, { rules = "all", within }: Look = {}): Promise<string[]> {
  // What is on its way from one colour to another has neither.
  await page.evaluate(() => {
    for (const animation of document.getAnimations())
      if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
  });
  // Axe is half a megabyte: a document that has it is not given it again.
  const axeSource = (await page.evaluate(() => "axe" in window)) ? "void 0" : undefined;
  const axe = new AxeBuilder({ page, axeSource })
    // Without it results are put together in a page of their own, for the sake of frames from elsewhere: we have none.
    .setLegacyMode()
    .options({
      resultTypes: ["violations"],
      ...(rules === "colours" ? { runOnly: COLOURS } : {}),
      ...(rules === "others"
        ? { rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) }
        : {}),
    });
  if (within) axe.include(within);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

export async function expectAccessible(page: Page): Promise<void> {
  expect(await seriousProblems(page)).toEqual([]);
}
