import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { address, adminApi, expect, patient, test } from "./fixtures";

const PASSWORD = "a long enough password";

async function invited(name: string) {
  const email = `${randomUUID()}@example.org`;
  const link = await adminApi().person.invite.mutate({ name, email });
  return { ...link, email };
}

async function signIn(page: Page, email: string, password = PASSWORD) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("an invited person opens the link, chooses a password and signs in with it later", async ({
  page,
  browser,
}) => {
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));

  const { path, email } = await invited("Ada");
  await page.goto(path);
  await expect(page.getByRole("heading", { name: "Welcome, Ada" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/welcome$/);
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
  await expectAccessible(page);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Save and continue" }).click();
  await expect(page).toHaveURL(/\/projects$/);

  const stranger = patient(await (await browser.newContext()).newPage());
  await stranger.goto(path);
  await expect(stranger.getByRole("heading", { name: "This link no longer works" })).toBeVisible();

  await signIn(stranger, email, "not the password");
  await expect(stranger.getByText("The e-mail address or the password is not right.")).toBeVisible();
  await signIn(stranger, email);
  await expect(stranger).toHaveURL(/\/projects$/);
  expect(errors).toEqual([]);
});

test("strangers are sent to sign in and come back to the page they wanted", async ({ page }) => {
  const { path, email } = await invited("Boole");
  await page.goto(path);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Save and continue" }).click();
  await expect(page).toHaveURL(/\/projects$/);

  await page.context().clearCookies();
  await page.goto("/projects?tab=archived");
  await expect(page).toHaveURL(`${address()}/sign-in?next=${encodeURIComponent("/projects?tab=archived")}`);
  await expectAccessible(page);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/projects\?tab=archived$/);

  // The address cannot lead elsewhere.
  await page.context().clearCookies();
  await page.goto("/sign-in?next=//elsewhere.example");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/projects$/);
});

test("a person who is disabled is out with the next click", async ({ page }) => {
  const { path, personId } = await invited("Church");
  await page.goto(path);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/welcome$/);
  await adminApi().person.setDisabled.mutate({ personId, disabled: true });
  await page.goto("/projects");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("every page carries a policy without unsafe-eval and with a nonce of its own", async ({ page }) => {
  const policies = [];
  for (const path of ["/sign-in", "/docs/api", "/sign-in"]) {
    const response = await page.goto(path);
    policies.push(response?.headers()["content-security-policy"] ?? "");
  }
  for (const policy of policies) {
    expect(policy).not.toContain("unsafe-eval");
    expect(policy).toMatch(/script-src 'self' 'nonce-\w{32}' 'strict-dynamic'(;|$)/);
    expect(policy).toContain("img-src 'self' data:");
    expect(policy).toContain("frame-ancestors 'none'");
  }
  expect(new Set(policies).size).toBe(policies.length);
});

test("the page of the HTTP API shows every operation", async ({ page }) => {
  await page.goto("/docs/api");
  await expectAccessible(page);
  const submit = page.locator("details", { hasText: "/assignments/{assignmentId}/annotation" }).first();
  await submit.locator("summary").click();
  await expect(submit.getByText("idempotencyKey: string")).toBeVisible();
});
