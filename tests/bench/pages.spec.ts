/** `npx playwright test --project bench tests/bench/pages.spec.ts`: JavaScript and layout shift of each page, on the production build. */
import { expect, promptWith, test } from "../e2e/fixtures";

test("pages: kilobytes of JavaScript as sent, and cumulative layout shift", async ({ studio }) => {
  test.setTimeout(600_000);
  const prompts = Array.from({ length: 30 }, (_, i) => promptWith(`Question ${i}?`, ["One.", "Two."]));
  const { id } = await studio.project({ prompts });
  const { id: runId } = await studio.api.model.make.mutate({ projectId: id, name: "Tiny" });
  await expect
    .poll(async () => (await studio.api.run.get.query({ projectId: id, runId })).status)
    .toBe("succeeded");
  const [{ id: modelId }] = await studio.api.model.list.query({ projectId: id });
  const page = await studio.annotator(id, { role: "manager" });
  const places = ["", "prompts", "tasks", "preferences", "quality", "conclusions", "people", "datasets"];
  const measured: { page: string; kB: number; shift: number }[] = [];
  for (const place of [
    ...places,
    "runs",
    `runs/${runId}`,
    "models",
    `models/${modelId}`,
    "import",
    "settings",
    // Last: from then on its service worker answers, and what it answers with is measured unpacked.
    "desk",
  ]) {
    await page.goto(`/projects/${id}/${place}`, { waitUntil: "load" });
    // What comes late moves things late.
    await page.waitForTimeout(2500);
    const { bytes, shift } = await page.evaluate(
      () =>
        new Promise<{ bytes: number; shift: number }>((resolve) => {
          const scripts = performance
            .getEntriesByType("resource")
            .flatMap((entry) => (entry instanceof PerformanceResourceTiming ? [entry] : []))
            .filter(({ name }) => new URL(name).pathname.endsWith(".js"));
          let shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
              const { value, hadRecentInput } = Object.assign(
                { value: 0, hadRecentInput: false },
                entry.toJSON(),
              );
              if (!hadRecentInput) shift += value;
            }
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(
            () =>
              resolve({
                bytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
                shift,
              }),
            300,
          );
        }),
    );
    measured.push({
      page: (place || "overview").replace(/[0-9a-f-]{36}/, "…"),
      kB: Math.round(bytes / 1000),
      shift: Number(shift.toFixed(3)),
    });
  }
  console.table(measured);
  expect(Math.max(...measured.map(({ shift }) => shift))).toBeLessThan(0.1);
});
