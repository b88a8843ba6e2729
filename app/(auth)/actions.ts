"use server";
import { TRPCError } from "@trpc/server";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { CredentialsSignin } from "next-auth";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { saidHere } from "@/app/i18n/request";
import { caller } from "@/app/trpc/server";
import { database } from "@/db/client";
import { signIn, viewerOf } from "@/server/auth";
import { setEmail } from "@/server/people/email";
import { FIRST_ADMIN_EMAIL } from "@/server/people/first-admin";
import { setPassword, updateProfile } from "@/server/people/people";
import { emailSchema, passwordSchema, profileSchema } from "@/server/people/schema";

/** What to tell the person; absent while all is well. */
export type Problem = string | undefined;

/** A page of this site, whatever the address says. */
const nextPage = z
  .string()
  .regex(/^\/(?![/\\])/)
  .catch("/");
const text = (form: FormData, name: string) => z.string().catch("").parse(form.get(name));

/** What is wrong, and whether a code of the person's app is asked for. */
export interface SignInProblem {
  problem?: string;
  needsCode?: boolean;
}

export async function signInByPassword(before: SignInProblem, form: FormData): Promise<SignInProblem> {
  try {
    await signIn("password", {
      email: text(form, "email"),
      password: text(form, "password"),
      ...(text(form, "code") && { code: text(form, "code") }),
      redirectTo: nextPage.parse(form.get("next")),
    });
    return {};
  } catch (error) {
    if (!(error instanceof CredentialsSignin)) throw error;
    if (error.code === "code_needed") return { needsCode: true };
    const t = await getTranslations("auth.signIn");
    const isLimited = error.code === "rate_limited";
    return { ...before, problem: t(isLimited ? "tooMany" : before.needsCode ? "wrongCode" : "wrong") };
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
    return (await getTranslations("auth.signIn"))("linkSpent");
  }
}

const welcomeForm = profileSchema.extend({ email: emailSchema.optional(), password: passwordSchema });

/** The first visit: name and password, and then a session by that password. */
export async function completeAccount(_: Problem, form: FormData): Promise<Problem> {
  const viewer = await viewerOf(await headers());
  if (!viewer) return (await getTranslations("auth.signIn"))("sessionEnded");
  const said = await saidHere();
  const result = welcomeForm.safeParse(Object.fromEntries(form));
  if (!result.success) return said(result.error.issues[0]?.message ?? "");
  const { name, password, email } = result.data;
  const { personId } = viewer;
  // Only the first admin has no address yet: all others were invited to theirs.
  const isFirst = viewer.email === FIRST_ADMIN_EMAIL;
  try {
    await database().db.transaction(async (tx) => {
      await updateProfile(tx, { personId }, { personId, name });
      if (isFirst && email) await setEmail(tx, { personId }, { personId, email });
      await setPassword(tx, { personId }, { personId, password });
    });
  } catch (error) {
    if (error instanceof TRPCError) return said(error.message);
    throw error;
  }
  await signIn("password", { email: (isFirst && email) || viewer.email, password, redirectTo: "/" });
}

/** Takes the address of a link that was sent to it. */
export async function takeEmail(_: Problem, form: FormData): Promise<Problem> {
  try {
    await caller.person.confirmEmail({ token: text(form, "token") });
  } catch (error) {
    if (error instanceof TRPCError) return (await saidHere())(error.message);
    throw error;
  }
  redirect("/account");
}
