import { connect, createServer, type Server, type Socket } from "node:net";
import type { Page } from "@playwright/test";
import { nightly } from "@/tests/nightly";
import { apiOf, expect, form, onDesk, promptWith, test } from "./fixtures";

const LEASE_SECONDS = 60;
/** How long the server is away: a rater in a tunnel, or an update that goes wrong. By day just longer than a lease. */
const AWAY_MS = nightly ? 120_000 : (LEASE_SECONDS + 10) * 1000;

/** A wire between the browser and the site that can be cut, also right after the server has heard a request. */
class Wire {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;
  /** The next answer of the server never reaches the browser. */
  private loseAnswer = false;

  async join(): Promise<string> {
    const server = createServer((browser) => {
      const site = connect(Number(process.env.PORT), "localhost");
      for (const socket of [browser, site]) {
        this.sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.sockets.delete(socket);
          browser.destroy();
          site.destroy();
        });
      }
      browser.pipe(site);
      site.on("data", (data) => {
        if (this.loseAnswer) void this.cut();
        else browser.write(data);
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "localhost", resolve));
    const listening = server.address();
    if (typeof listening === "object" && listening) this.port = listening.port;
    return `http://localhost:${this.port}`;
  }

  cutAfterNextRequest(): void {
    this.loseAnswer = true;
  }

  async cut(): Promise<void> {
    this.loseAnswer = false;
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

test("longer than a lease without the server, and a reload: every judgement arrives exactly once", async ({
  studio,
}) => {
  test.setTimeout(AWAY_MS + 240_000);
  const questions = form(
    { id: "better", type: "preference", label: "Which response is better?" },
    { id: "why", type: "text", label: "Why?", required: false },
  );
  const prompts = Array.from({ length: 6 }, (_, index) => promptWith(`Task ${index}`, ["one", "two"]));
  const project = await studio.project({ questions, prompts, leaseSeconds: LEASE_SECONDS });
  const wire = new Wire();
  const url = await wire.join();
  const page = await studio.annotator(project.id, { url });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  const judge = async (index: number) => {
    await expect(desk.prompt).toContainText(`Task ${index}`);
    await page.keyboard.press("6");
    await page.keyboard.press("r");
    await page.keyboard.type(`Reason ${index}`);
    await page.keyboard.press("Control+Enter");
  };

  await judge(0);
  await expect(desk.saved).toBeVisible();
  await expect(desk.judgement.getByText("next is ready")).toBeVisible();
  await page.waitForTimeout(500);

  // The server stores this one, and its confirmation is lost.
  wire.cutAfterNextRequest();
  await judge(1);
  const cutAt = Date.now();
  await judge(2);
  await judge(3);
  await expect(page.getByText("offline, 3 kept here").filter({ visible: true })).toBeVisible();
  await page.reload().catch(() => {});
  await page.waitForTimeout(Math.max(0, cutAt + AWAY_MS - Date.now()));

  await wire.join();
  await page.goto(`/projects/${project.id}/desk`);
  await expect(desk.saved).toBeVisible({ timeout: 90_000 });
  await judge(4);
  await judge(5);
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();

  const { items } = await (await apiOf(page)).annotation.history.query({ projectId: project.id });
  const reasons = items.map(({ answers, revision }) => {
    const why = answers?.why;
    return `${why?.type === "text" ? why.text : "?"}, revision ${revision}`;
  });
  expect(reasons.toSorted()).toEqual([0, 1, 2, 3, 4, 5].map((index) => `Reason ${index}, revision 1`));
  await wire.cut();
});

test("a judgement that comes too late is kept, with the reason, and can be copied", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("Only one seat", ["one", "two"])] });
  const wire = new Wire();
  const url = await wire.join();
  const page = await studio.annotator(project.id, { url });
  await page.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(page).prompt).toContainText("Only one seat");
  const api = await apiOf(page);
  await wire.cut();
  await page.keyboard.press("5");
  await page.keyboard.press("Enter");
  await expect(page.getByText("offline, 1 kept here").filter({ visible: true })).toBeVisible();

  // Meanwhile the seat is given back and somebody else judges the task.
  await api.annotation.releaseAll.mutate();
  const other = await studio.annotator(project.id);
  await other.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(other).prompt).toContainText("Only one seat");
  await other.keyboard.press("1");
  await other.keyboard.press("Enter");
  await expect(other.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(onDesk(other).saved).toBeVisible();

  await wire.join();
  await page.getByRole("button", { name: "1 not taken" }).click({ timeout: 60_000 });
  const kept = page.getByRole("dialog", { name: "Not taken by the server" });
  await expect(kept).toContainText("Only one seat");
  await expect(kept).toContainText('"outcome":"b"');
  await kept.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "1 not taken" })).toBeHidden();
  await wire.cut();
});

test("a reload while the server is away shows the tasks at hand, and what is judged then arrives", async ({
  studio,
}) => {
  const prompts = Array.from({ length: 16 }, (_, index) => promptWith(`Task ${index}.`, ["one", "two"]));
  const project = await studio.project({ prompts });
  const wire = new Wire();
  const url = await wire.join();
  const page = await studio.annotator(project.id, { url });
  const desk = onDesk(page);
  // The first task is in the page itself, not fetched by it.
  const html = await (await page.goto(`/projects/${project.id}/desk`))?.text();
  expect(html).toContain("Task 0.");
  await expect(desk.prompt).toContainText("Task 0.");
  await ready(page);
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(desk.saved).toBeVisible();
  // At work, ten are at hand. The page that stands in and the tasks are kept.
  // More, where the first judgement was still on its way when they were asked for.
  await expect.poll(() => keptTasks(page)).toBeGreaterThanOrEqual(10);
  await expect.poll(() => cached(page)).toContain("/away");
  expect((await cached(page)).filter((path) => !/^\/(away$|_next\/static\/)/.test(path))).toEqual([]);

  await wire.cut();
  const held = await keptTasks(page);
  await page.reload();
  for (let index = 1; index <= held; index += 1) {
    await expect(desk.prompt).toContainText(`Task ${index}.`);
    await ready(page);
    await page.keyboard.press("6");
    await page.keyboard.press("Enter");
    if (index === 4) {
      await expect(page.getByText("offline, 4 kept here").filter({ visible: true })).toBeVisible();
      await page.reload();
    }
  }
  await expect(page.getByText(`until it is back: ${held} judgements.`)).toBeVisible();

  await wire.join();
  await page.goto(`/projects/${project.id}/desk`);
  await expect(desk.prompt).toContainText(`Task ${held + 1}.`, { timeout: 90_000 });
  await expect(desk.saved).toBeVisible({ timeout: 90_000 });
  const { items } = await (await apiOf(page)).annotation.history.query({ projectId: project.id });
  expect(items.map(({ revision }) => revision)).toEqual(Array(held + 1).fill(1));

  // Nothing to read is left behind by whoever signs out.
  await page.getByRole("button", { name: /account, theme, sign out/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await expect.poll(() => keptTasks(page)).toBe(0);
  await wire.cut();
  await page.goto(`/projects/${project.id}/desk`);
  await expect(page.getByText("This browser keeps no tasks of this project.")).toBeVisible();
});

test("whoever only looks at the desk takes no seat", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("Only one.", ["one", "two"])] });
  const manager = await studio.annotator(project.id, { role: "manager" });
  await manager.goto(`/projects/${project.id}/desk`);
  await expect(manager.getByRole("heading", { name: "Judge tasks yourself?" })).toBeVisible();
  const { seats } = await studio.api.review.dashboard.query({ projectId: project.id });
  expect(seats.leased).toBe(0);
  await manager.keyboard.press("Enter");
  await expect(onDesk(manager).prompt).toContainText("Only one.");
});

/** Keys pressed before the page has looked at its storage are lost: it is inert until then. */
const ready = (page: Page): Promise<void> => expect(page.locator("div[inert]")).toHaveCount(0);

/** Paths of what the service worker keeps. */
const cached = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const kept = await caches.open("concord-away");
    return (await kept.keys()).map(({ url }) => new URL(url).pathname);
  });

/** How many tasks the browser keeps for a time without the server. */
const keptTasks = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("concord-kept", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("desks");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("desks").objectStore("desks").getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () =>
            resolve(all.result.flatMap((kept: string) => JSON.parse(kept).json.tasks).length);
          opening.result.close();
        };
      }),
  );
