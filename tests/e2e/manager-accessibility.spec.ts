import AxeBuilder from "@axe-core/playwright";
import { apiOf, expect, promptWith, test } from "./fixtures";

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** Below the address of a project. */
const projectPages = [
  "",
  "/prompts",
  "/import",
  "/tasks",
  "/preferences",
  "/preferences/adjudicate",
  "/people",
  "/datasets",
  "/runs",
  "/models",
  "/settings",
  "/settings?tab=guidelines",
  "/settings?tab=form",
  "/settings?tab=danger",
];

for (const colorScheme of ["light", "dark"] as const)
  test(`axe finds nothing serious on the researcher's pages (${colorScheme})`, async ({ studio }) => {
    test.setTimeout(900_000);
    const empty = await studio.api.project.create.mutate({ name: `Empty ${process.pid} ${colorScheme}` });
    const page = await studio.annotator(empty.id, { role: "manager" });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { items } = await studio.api.project.list.query();
    const demo = items.find(({ isDemo }) => isDemo);
    const full =
      demo ?? (await studio.project({ prompts: [promptWith("Say something.", ["One.", "Two."])] }));
    const { email } = await (await apiOf(page)).person.me.query();
    await studio.api.member.set.mutate({ projectId: full.id, email, role: "manager" });
    const paths = [
      "/projects",
      "/account",
      ...projectPages.map((path) => `/projects/${full.id}${path}`),
      ...["", "/prompts", "/tasks", "/preferences", "/people"].map((path) => `/projects/${empty.id}${path}`),
    ];
    const found: string[] = [];
    for (const viewport of sizes) {
      await page.setViewportSize(viewport);
      for (const path of paths) {
        await page.goto(path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        for (const { id, impact, nodes } of violations)
          if (impact === "serious" || impact === "critical")
            found.push(`${viewport.width} ${path} ${id}: ${nodes[0]?.html.slice(0, 200)}`);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (beyond > 0) found.push(`${viewport.width} ${path} is ${beyond} px too wide`);
      }
    }
    expect(found).toEqual([]);
  });
