/** `npx playwright test --project bench tests/bench/pages.spec.ts`: JavaScript and layout shift of each page, on the production build. */
import { apiOf, expect, promptWith, test } from "../e2e/fixtures";

test("pages: kilobytes of JavaScript as sent, and cumulative layout shift", async ({ studio }) => {
  test.setTimeout(600_000);
  const prompts = Array.from({ length: 30 }, (_, i) => promptWith(`Question ${i}?`, ["One.", "Two."]));
  const { id } = await studio.project({ prompts });
  const { api } = studio;
  const finished = (runId: string) =>
    expect
      .poll(async () => (await api.run.get.query({ projectId: id, runId })).status, { timeout: 120_000 })
      .toBe("succeeded");
  const { id: runId } = await api.model.make.mutate({ projectId: id, name: "Tiny" });
  await finished(runId);
  const [{ id: modelId }] = await api.model.list.query({ projectId: id });
  // Two runs to compare, of a few judgements.
  const rater = await apiOf(await studio.annotator(id));
  for (let n = 0; n < 4; n++) {
    const {
      tasks: [{ assignmentId, questions }],
    } = await rater.annotation.claim.mutate({ projectId: id, hold: 1, have: [] });
    await rater.annotation.submit.mutate({
      ...{ assignmentId, idempotencyKey: `pages-${assignmentId}`, visibleMs: 1000 },
      answers: { [questions[0].id]: { type: "preference", outcome: "a", level: 1 } },
    });
  }
  const { id: datasetId } = await api.dataset.create.mutate({
    ...{ projectId: id, name: "Pairs", kind: "preference" },
  });
  const split = { train: 1, validation: 0, test: 0, seed: 1 };
  await finished((await api.dataset.freeze.mutate({ projectId: id, datasetId, recipe: { split } })).id);
  const [{ id: versionId }] = await api.dataset.versions.query({ projectId: id, datasetId });
  const compared = await api.training.sweep.mutate({
    ...{ projectId: id, versionId, modelId, name: "Grid", method: "preference" },
    ...{ options: { max_steps: 4, logging_steps: 1 }, grid: { beta: [0.1, 0.2] } },
  });
  for (const one of compared) await finished(one.id);
  const page = await studio.annotator(id, { role: "manager" });
  const places = [
    "",
    "prompts",
    "tasks",
    "preferences",
    "quality",
    "judges",
    "conclusions",
    "people",
    "datasets",
  ];
  const measured: { page: string; kB: number; shift: number }[] = [];
  for (const place of [
    ...places,
    "runs",
    `runs/${runId}`,
    `runs/compare?ids=${compared.map((one) => one.id).join(",")}`,
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
      page: (place || "overview").replace(/[0-9a-f-]{36}(,[0-9a-f-]{36})*/, "…"),
      kB: Math.round(bytes / 1000),
      shift: Number(shift.toFixed(3)),
    });
  }
  console.table(measured);
  expect(Math.max(...measured.map(({ shift }) => shift))).toBeLessThan(0.1);
});
