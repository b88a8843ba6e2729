"use server";
import { TRPCError } from "@trpc/server";
import { headers } from "next/headers";
import { CredentialsSignin } from "next-auth";
import { z } from "zod";
import { database } from "@/db/client";
import { signIn, viewerOf } from "@/server/auth";
import { setPassword, updateProfile } from "@/server/people/people";
import { passwordSchema, profileSchema } from "@/server/people/schema";

/** What to tell the person; absent while all is well. */
export type Problem = string | undefined;

/** A page of this site, whatever the address says. */
const nextPage = z
  .string()
  .regex(/^\/(?![/\\])/)
  .catch("/");
const text = (form: FormData, name: string) => z.string().catch("").parse(form.get(name));

export async function signInByPassword(_: Problem, form: FormData): Promise<Problem> {
  try {
    await signIn("password", {
      email: text(form, "email"),
      password: text(form, "password"),
      redirectTo: nextPage.parse(form.get("next")),
    });
  } catch (error) {
    if (!(error instanceof CredentialsSignin)) throw error;
    return error.code === "rate_limited"
      ? "Too many attempts. Wait 15 minutes, or ask an admin for a sign-in link."
      : "The e-mail address or the password is not right.";
  }
}

export async function signInByProvider(form: FormData): Promise<void> {
  await signIn("oidc", { redirectTo: nextPage.parse(form.get("next")) });
}

export async function signInByLink(_: Problem, form: FormData): Promise<Problem> {
  try {
    await signIn("link", { token: text(form, "token"), redirectTo: "/welcome" });
  } catch (error) {
    if (!(error instanceof CredentialsSignin)) throw error;
    return "This link has been used or has expired. Ask an admin for a new one.";
  }
}

const welcomeForm = profileSchema.extend({ password: passwordSchema });

/** The first visit: name, address and password, and then a session by that password. */
export async function completeAccount(_: Problem, form: FormData): Promise<Problem> {
  const viewer = await viewerOf(await headers());
  if (!viewer) return "Your session has ended. Ask an admin for a new link.";
  const result = welcomeForm.safeParse(Object.fromEntries(form));
  if (!result.success) return result.error.issues[0]?.message;
  const { password, ...profile } = result.data;
  const { personId } = viewer;
  try {
    await database().db.transaction(async (tx) => {
      await updateProfile(tx, { personId }, { personId, ...profile });
      await setPassword(tx, { personId }, { personId, password });
    });
  } catch (error) {
    if (error instanceof TRPCError) return error.message;
    throw error;
  }
  await signIn("password", { email: profile.email, password, redirectTo: "/" });
}
