import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { adminApi, signIn } from "./fixtures";

/** Signs a new admin in on a page. @returns their address */
export async function signedInAdmin(page: Page): Promise<string> {
  const email = `${randomUUID()}@example.org`;
  const { path } = await adminApi().person.invite.mutate({ name: "Grace", email, isAdmin: true });
  await signIn(page.context(), path);
  return email;
}
