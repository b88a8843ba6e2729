import { nightly } from "@/tests/nightly";
import { seriousProblems } from "./accessible";
import { apiOf, expect, promptWith, test } from "./fixtures";

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };
/** Every page in both sizes and both colours; at night in each pair of them. */
const looks = [
  { colorScheme: "light", viewport: wide },
  { colorScheme: "dark", viewport: narrow },
  ...(nightly
    ? ([
        { colorScheme: "light", viewport: narrow },
        { colorScheme: "dark", viewport: wide },
      ] as const)
    : []),
] as const;

/** Below the address of a project. */
const projectPages = [
  "",
  "/prompts",
  "/import",
  "/tasks",
  "/preferences",
  "/preferences/adjudicate",
  "/quality",
  "/people",
  "/datasets",
  "/runs",
  "/models",
  "/loop",
  "/judges",
  "/data",
  "/conclusions",
  "/conclusions/plan",
  "/conclusions/report",
  "/settings",
  "/settings?tab=guidelines",
  "/settings?tab=form",
  "/settings?tab=danger",
];

test("axe finds nothing serious on the researcher's pages, wide and narrow, light and dark", async ({
  studio,
}) => {
  test.setTimeout(900_000);
  const empty = await studio.api.project.create.mutate({ name: `Empty ${process.pid}` });
  const page = await studio.annotator(empty.id, { role: "manager" });
  const { items } = await studio.api.project.list.query();
  const demo = items.find(({ isDemo }) => isDemo);
  const full = demo ?? (await studio.project({ prompts: [promptWith("Say something.", ["One.", "Two."])] }));
  const { email } = await (await apiOf(page)).person.me.query();
  await studio.api.member.set.mutate({ projectId: full.id, email, role: "manager" });
  const paths = [
    "/projects",
    "/account",
    ...projectPages.map((path) => `/projects/${full.id}${path}`),
    ...["", "/prompts", "/tasks", "/preferences", "/people"].map((path) => `/projects/${empty.id}${path}`),
  ];
  const found: string[] = [];
  for (const path of paths) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    for (const { colorScheme, viewport } of looks) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      const at = `${path}, ${colorScheme}, ${viewport.width} px`;
      for (const problem of await seriousProblems(page)) found.push(`${at}: ${problem}`);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (beyond > 0) found.push(`${at}: ${beyond} px too wide`);
    }
  }
  expect(found).toEqual([]);
});
