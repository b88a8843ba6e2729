import { type Browser, type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { createTRPCClient, httpBatchLink, type TRPCClient } from "@trpc/client";
import superjson from "superjson";
import type { z } from "zod";
import type { NewPrompt } from "@/server/content/schema";
import { type formSchema, type Question, questionSchema } from "@/server/form/schema";
import type { AppRouter } from "@/server/root";

export type Api = TRPCClient<AppRouter>;

export const address = (): string => `http://localhost:${process.env.PORT}`;

const apiWith = (headers: Record<string, string>): Api =>
  createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${address()}/api/trpc`, transformer: superjson, headers })],
  });

/** The real API of the product under test, with the preset token of its first admin. */
export const adminApi = (): Api => apiWith({ authorization: `Bearer ${process.env.CONCORD_ADMIN_TOKEN}` });

/** The API as the person who is signed in on a page. */
export async function apiOf(page: Page): Promise<Api> {
  const cookies = await page.context().cookies();
  // As a browser does: without it a cookie changes nothing.
  const origin = address();
  return apiWith({ origin, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") });
}

/** Questions with their defaults filled in. */
export const form = (...questions: z.input<typeof formSchema>): Question[] =>
  questions.map((question) => questionSchema.parse(question));

/** A prompt with its responses, whose sources must never reach an annotator. */
export const promptWith = (text: string, responses: string[], more: Partial<NewPrompt> = {}) => ({
  messages: [{ role: "user" as const, content: text }],
  responses: responses.map((content, index) => ({ content, source: `secret-model-${index}` })),
  ...more,
});

const sevenPoints = form({ id: "better", type: "preference", label: "Which response is better?" });

interface ProjectOptions {
  questions?: Question[];
  prompts: ReturnType<typeof promptWith>[];
  overlap?: number;
  guidelines?: string;
  leaseSeconds?: number;
}

export interface Studio {
  api: Api;
  /** A project with one task for each prompt. */
  project(options: ProjectOptions): Promise<{ id: string; name: string }>;
  /** A new member of the project, signed in on a page of their own. */
  annotator(
    projectId: string,
    options?: {
      role?: "annotator" | "reviewer" | "manager";
      url?: string;
      /** Not yet: the desk then begins with the trainer. */
      practised?: boolean;
    },
  ): Promise<Page>;
}

let created = 0;

export const test = base.extend<{ studio: Studio }>({
  page: async ({ page }, use) => use(patient(page)),
  studio: async ({ browser }, use, info) => {
    const api = adminApi();
    const pages: Page[] = [];
    await use({
      api,
      async project({
        questions = sevenPoints,
        prompts,
        overlap = 1,
        guidelines = "Judge **carefully**.",
        leaseSeconds,
      }) {
        created += 1;
        const name = `Study ${process.pid}.${created}`;
        const { id } = await api.project.create.mutate({
          name,
          questions,
          overlap,
          guidelines,
          leaseSeconds,
        });
        // One by one: within a batch the order is not promised, and tests name the task that comes first.
        for (const prompt of prompts)
          await api.content.addPrompts.mutate({ projectId: id, prompts: [prompt] });
        await api.task.create.mutate({ projectId: id });
        return { id, name };
      },
      async annotator(projectId, { role = "annotator", url = address(), practised = true } = {}) {
        created += 1;
        const email = `person-${process.pid}-${created}@example.org`;
        const { path } = await api.person.invite.mutate({ name: `Person ${created}`, email });
        await api.member.set.mutate({ projectId, email, role });
        const page = await signedIn(browser, url, path);
        pages.push(page);
        if (practised) await (await apiOf(page)).person.setDesk.mutate({ practised });
        return page;
      },
    });
    for (const page of pages) {
      if (info.status !== info.expectedStatus) console.log(await shown(page));
      await page.context().close();
    }
  },
});

/** What somebody has before them when a test fails: whoever reads the log of another machine has no picture. */
async function shown(page: Page): Promise<string> {
  const lines = await page.locator("body").ariaSnapshot({ timeout: 5000 }).catch(String);
  return [page.url(), ...lines.split("\n").slice(0, 80)].join("\n  ");
}

/**
 * Signs a browser profile in by a one-time link, as the page of the link does (sign-in.spec.ts goes there): two pages
 * fewer for each person of a test.
 */
export async function signIn(context: BrowserContext, path: string): Promise<void> {
  const { csrfToken } = await (await context.request.get("/api/auth/csrf")).json();
  const token = path.slice(path.lastIndexOf("/") + 1);
  const answer = await context.request.post("/api/auth/callback/link", {
    form: { csrfToken, token },
    maxRedirects: 0,
  });
  expect(answer.status(), await answer.text()).toBe(302);
  expect(answer.headers().location).not.toContain("error");
}

/** A fresh browser profile with somebody signed in. */
async function signedIn(browser: Browser, url: string, path: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  await signIn(context, path);
  return patient(await context.newPage());
}

/**
 * A page stands before its program does, and what is pressed in between is lost. Whoever goes somewhere with this page is
 * there when everything that can be pressed is React's.
 */
export function patient(page: Page): Page {
  const isAlive = () =>
    page
      .evaluate(() =>
        [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, a[href]")].every(
          (control) => Object.keys(control).some((key) => key.startsWith("__reactFiber$")),
        ),
      )
      // The page may be on its way to another one.
      .catch(() => false);
  const alive = () => expect.poll(isAlive, { message: "the page comes alive", timeout: 60_000 }).toBe(true);
  const andAlive =
    <Where extends unknown[], Answer>(go: (...where: Where) => Promise<Answer>) =>
    async (...where: Where) => {
      const answer = await go(...where);
      await alive();
      return answer;
    };
  page.goto = andAlive(page.goto.bind(page));
  page.reload = andAlive(page.reload.bind(page));
  return page;
}

/**
 * The task that is on the desk, not the one that waits out of sight, once its keys act: the page comes with the first one
 * before its program does.
 */
export function onDesk(page: Page) {
  const task = page.locator("[aria-label=Task]:not([inert] *)");
  return {
    prompt: task.getByRole("region", { name: "Prompt" }).filter({ visible: true }),
    response: (letter: string) =>
      task.getByRole("article", { name: `Response ${letter}` }).filter({ visible: true }),
    saved: page.getByRole("status").filter({ visible: true, hasText: "saved" }),
    judgement: task.getByRole("region", { name: "Your judgement" }).filter({ visible: true }),
  };
}

export { expect };
