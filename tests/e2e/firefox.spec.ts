import { existsSync } from "node:fs";
import { nightly } from "@/tests/nightly";
import { FIREFOX, openFirefox } from "./firefox";
import { address, apiOf, expect, form, promptWith, test } from "./fixtures";

test.skip(!nightly, "Another browser is a matter of `npm run test:all`.");
test.skip(!existsSync(FIREFOX), `No Firefox at ${FIREFOX}: apt-get install firefox-esr`);

test("in Firefox an expert judges by keys alone", async ({ studio }) => {
  const { id } = await studio.project({
    questions: form(
      { id: "better", type: "preference", label: "Which response is better?", points: 7 },
      { id: "why", type: "text", label: "Why?", required: false },
    ),
    prompts: ["First.", "Second."].map((text) => promptWith(text, ["One reply.", "Another reply."])),
  });
  const elsewhere = await studio.annotator(id);
  const api = await apiOf(elsewhere);
  const stored = async () => {
    const { items } = await api.annotation.history.query({ projectId: id });
    return Object.fromEntries(items.map(({ excerpt, answers }) => [excerpt, answers]));
  };
  const firefox = await openFirefox();
  try {
    for (const cookie of await elsewhere.context().cookies()) await firefox.setCookie(cookie, "localhost");
    await firefox.goto(`${address()}/projects/${id}/desk`);
    const seen = () => firefox.read("document.body.innerText");
    await expect.poll(seen).toContain("next is ready");
    await firefox.press("2", "Enter", "u", "1");
    await expect.poll(seen).toContain("A is much better.");
    await firefox.press("r", "N", "o", " ", "1", "Control+Enter");
    await expect.poll(seen).toContain("Second.");
    await expect.poll(stored).toEqual({
      "First.": {
        better: { type: "preference", outcome: "a", level: 3 },
        why: { type: "text", text: "No 1", chips: [] },
      },
    });
    // The list of keys takes the keyboard, and gives it back.
    await firefox.press("?");
    await expect.poll(() => firefox.read("document.querySelector('[role=dialog]') !== null")).toBe("true");
    await firefox.press("Escape");
    await expect.poll(() => firefox.read("document.querySelector('[role=dialog]') === null")).toBe("true");
    await firefox.press("0", "Enter");
    await expect.poll(async () => Object.keys(await stored())).toContain("Second.");
    // Tab reaches what can be pressed, and shows where it is.
    await firefox.press("Tab");
    const outlined = "getComputedStyle(document.activeElement).outlineStyle";
    await expect.poll(() => firefox.read(outlined)).not.toBe("none");
  } finally {
    await firefox.close();
  }
});
