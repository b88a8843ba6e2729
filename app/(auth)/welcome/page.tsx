import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { viewerOf } from "@/server/auth";
import { FIRST_ADMIN_EMAIL } from "@/server/people/first-admin";
import { completeAccount } from "../actions";
import { AuthForm } from "../form";
import { LabelledInput } from "../labelled-input";

export const metadata: Metadata = { title: "Your account" };

export default async function WelcomePage() {
  const viewer = await viewerOf(await headers());
  if (!viewer) redirect("/sign-in");
  const { name, email } = viewer;
  const isPlaceholder = email === FIRST_ADMIN_EMAIL;
  return (
    <>
      <h1 className="text-xl font-semibold">Your account</h1>
      <AuthForm action={completeAccount} submit="Save and continue">
        <LabelledInput
          label="Name"
          name="name"
          autoComplete="name"
          defaultValue={isPlaceholder ? "" : name}
          required
        />
        <LabelledInput
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={isPlaceholder ? "" : email}
          readOnly={!isPlaceholder}
          help={isPlaceholder ? undefined : "Where you were invited. You can change it in your account."}
          required
        />
        <LabelledInput
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={12}
          help="At least 12 characters: several words that do not belong together."
          required
        />
      </AuthForm>
    </>
  );
}
