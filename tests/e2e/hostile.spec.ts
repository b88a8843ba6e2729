import { expect, onDesk, promptWith, test } from "./fixtures";

const hostile = [
  "<script>window.owned = 1</script> and <img src=x onerror='window.owned = 2'> and plain text.",
  "[click me](javascript:window.owned=3) and <a href='javascript:window.owned=4'>me</a> and [safe](https://example.org/).",
  "![tracking](https://tracker.example.org/pixel.png) ![inline](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
  "<style>body { display: none }</style>\n\n<iframe src='https://tracker.example.org/'></iframe>\n\n<form action='https://tracker.example.org/'><button>send</button></form>",
  "$\\href{javascript:window.owned=5}{x}$ $\\includegraphics{https://tracker.example.org/a.png}$ $\\htmlData{a=b}{y}$",
  "```html\n<script>window.owned = 6</script>\n```",
  `${"x".repeat(200_000)} the end of the line`,
  `${"[".repeat(50_000)}${"*".repeat(50_000)}`,
];

test("hostile responses are shown, and do nothing", async ({ studio }) => {
  const prompts = hostile.map((text, index) => promptWith(`Hostile ${index}`, [text, `harmless ${index}`]));
  const project = await studio.project({ prompts });
  const page = await studio.annotator(project.id);
  const foreign: string[] = [];
  page.on("request", (request) => {
    const { host } = new URL(request.url());
    if (host && !host.startsWith("localhost")) foreign.push(request.url());
  });
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });

  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  for (let index = 0; index < hostile.length; index += 1) {
    await expect(desk.prompt).toContainText(`Hostile ${index}`);
    const responses = page.getByRole("article", { name: /^Response/ }).filter({ visible: true });
    await expect(responses.filter({ hasText: `harmless ${index}` })).toBeVisible();
    const unsafe = await responses.evaluateAll((articles) =>
      articles.flatMap((article) =>
        [
          ...article.querySelectorAll(
            "script, iframe, style, form, img, object, [onerror], [href^='javascript:' i]",
          ),
        ].map((element) => element.outerHTML.slice(0, 200)),
      ),
    );
    expect(unsafe).toEqual([]);
    const longest = await responses.evaluateAll((articles) =>
      Math.max(...articles.map((article) => article.textContent?.length ?? 0)),
    );
    // Nothing is cut off: KaTeX and link texts aside, the words are all there.
    if (index === 6) expect(longest).toBeGreaterThan(200_000);
    for (const link of await responses.getByRole("link").all()) {
      await expect(link).toHaveAttribute("href", /^https:\/\//);
      await expect(link).toHaveAttribute("rel", /noopener/);
    }
    await page.keyboard.press("m");
    await page.keyboard.press("d");
    await page.keyboard.press("3");
    await page.keyboard.press("Enter");
  }
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(window, "owned"))).toBeUndefined();
  expect(dialogs).toEqual([]);
  expect(foreign).toEqual([]);
});

test("the pages carry a content security policy without unsafe-eval", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("CSP", ["one", "two"])] });
  const page = await studio.annotator(project.id);
  const reply = await page.goto(`/projects/${project.id}/desk`);
  const policy = reply?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("img-src 'self' data:");
  expect(policy).toMatch(/script-src [^;]*'nonce-/);
  expect(policy).not.toContain("unsafe-eval");
});
