import { randomUUID } from "node:crypto";
import { expect, type Page } from "@playwright/test";
import { adminApi } from "./fixtures";

/** Signs a new admin in on a page. @returns their address */
export async function signedInAdmin(page: Page): Promise<string> {
  const email = `${randomUUID()}@example.org`;
  const { path } = await adminApi().person.invite.mutate({ name: "Grace", email, isAdmin: true });
  await page.goto(path);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/welcome$/);
  return email;
}
