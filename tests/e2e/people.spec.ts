import { randomUUID } from "node:crypto";
import { expectAccessible } from "./accessible";
import { signedInAdmin } from "./admin";
import { address, expect, patient, test } from "./fixtures";

test("an admin invites somebody, disables them, and finds both in the audit log", async ({
  page,
  browser,
}) => {
  await signedInAdmin(page);
  await page.goto("/admin");
  await expectAccessible(page);
  const email = `${randomUUID()}@example.org`;
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const another = `${randomUUID()}@example.org`;
  await page
    .getByLabel("Names and e-mail addresses")
    .fill(`Edsger <${email}>\nBarbara, ${another}\nGrace <${email}>`);
  await page.getByRole("button", { name: "Make link" }).click();
  await expect(page.getByText(/Line 3.*line 1 already/)).toBeVisible();
  await page.getByLabel("Names and e-mail addresses").fill(`Edsger <${email}>\nBarbara, ${another}`);
  await page.getByRole("button", { name: "Make 2 links" }).click();
  const link = await page.getByLabel("Link for Edsger").inputValue();
  await expect(page.getByRole("link", { name: `Write to ${another}` })).toHaveAttribute("href", /^mailto:/);
  await page.getByRole("button", { name: "Done" }).click();

  const guest = patient(await (await browser.newContext()).newPage());
  await guest.goto(link);
  await guest.getByRole("button", { name: "Continue" }).click();
  await expect(guest).toHaveURL(/\/welcome$/);
  await guest.goto("/admin");
  await expect(guest.getByRole("heading", { name: "There is nothing here" })).toBeVisible();

  await page.getByLabel("Search by name or address").fill(email);
  const row = page.getByRole("row", { name: new RegExp(email) });
  await row.getByRole("button", { name: "Disable" }).click();
  await expect(row.getByText("disabled")).toBeVisible();
  await guest.goto("/projects");
  await expect(guest).toHaveURL(/\/sign-in/);

  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByLabel("Action").fill("person.disable");
  await expect(page.getByRole("row", { name: /Grace person\.disable/ }).first()).toBeVisible();
  await expectAccessible(page);
  const exported = async () => (await page.request.get("/api/audit/csv")).text();
  expect(await exported()).toContain(email);

  await page.getByRole("link", { name: "People" }).click();
  await page.getByLabel("Search by name or address").fill(email);
  await row.getByRole("button", { name: "Erase" }).click();
  const dialog = page.getByRole("dialog", { name: "Erase Edsger" });
  await expect(dialog.getByText("They have judged in no project.")).toBeVisible();
  await expectAccessible(page);
  await expect(dialog.getByRole("button", { name: "Erase" })).toBeDisabled();
  await dialog.getByLabel(`Type their address: ${email}`).fill(email);
  await dialog.getByRole("button", { name: "Erase" }).click();
  await expect(page.getByText("Nobody matches.")).toBeVisible();
  expect(await exported()).not.toContain(email);
});

test("an admin has taken away what nobody needs, and reads what it was", async ({ page }) => {
  await signedInAdmin(page);
  await page.goto("/admin/collections");
  await page.getByRole("button", { name: "Collect now" }).click();
  const newest = page.getByRole("listitem").filter({ hasText: "An admin asked for it (Grace)" }).first();
  await expect(newest.getByText("succeeded")).toBeVisible();
  await expectAccessible(page);
});

test("a token made on the account page works until it is revoked there", async ({ page, request }) => {
  await signedInAdmin(page);
  await page.goto("/account");
  await expectAccessible(page);
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("notebook");
  await page.getByRole("button", { name: "Make token" }).click();
  const token = await page.getByLabel("Your token").inputValue();
  await page.getByRole("button", { name: "Done" }).click();

  const me = () => request.get(`${address()}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await me()).json()).toMatchObject({ name: "Grace" });
  await page.getByRole("button", { name: "Revoke notebook" }).click();
  await expect(page.getByText("revoked")).toBeVisible();
  expect((await me()).status()).toBe(401);
});

test("changing the password keeps this session and ends the others", async ({ page, browser }) => {
  const email = await signedInAdmin(page);
  await page.goto("/account");
  await page.getByLabel("New password").fill("the first long password");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toBeVisible();

  const elsewhere = patient(await (await browser.newContext()).newPage());
  await elsewhere.goto("/sign-in");
  await elsewhere.getByLabel("E-mail").fill(email);
  await elsewhere.getByLabel("Password").fill("the first long password");
  await elsewhere.getByRole("button", { name: "Sign in" }).click();
  await expect(elsewhere).toHaveURL(/\/projects$/);

  await page.getByLabel("Current password").fill("not this one");
  await page.getByLabel("New password").fill("the second long password");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The current password is not right.")).toBeVisible();
  await page.getByLabel("Current password").fill("the first long password");
  await page.getByLabel("New password").fill("the second long password");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toHaveValue("");
  await page.goto("/projects");
  await expect(page).toHaveURL(/\/projects$/);
  await elsewhere.goto("/projects");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
});
