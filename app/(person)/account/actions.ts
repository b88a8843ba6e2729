"use server";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { saidHere } from "@/app/i18n/request";
import { caller } from "@/app/trpc/server";
import { signIn } from "@/server/auth";
import { passwordSchema } from "@/server/people/schema";

const passwordForm = z.object({ currentPassword: z.string().optional(), password: passwordSchema });

/**
 * Changes the password, which ends every session, and begins a new one here.
 * @returns what is wrong
 */
export async function changePassword(_: string | undefined, form: FormData): Promise<string | undefined> {
  const said = await saidHere();
  const result = passwordForm.safeParse(Object.fromEntries(form));
  if (!result.success) return said(result.error.issues[0]?.message ?? "");
  const { email } = await caller.person.me();
  try {
    await caller.person.setPassword(result.data);
  } catch (error) {
    if (error instanceof TRPCError) return said(error.message);
    throw error;
  }
  await signIn("password", { email, password: result.data.password, redirectTo: "/account" });
}
