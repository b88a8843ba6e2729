import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { requestContext } from "@/app/trpc/server";
import { FIRST_ADMIN_EMAIL } from "@/server/people/first-admin";

/** The first admin's link is spent once it was used: without a password nothing leads back, so that comes first. */
export default async function ProjectsLayout({ children }: { children: ReactNode }) {
  const { viewer } = await requestContext();
  if (viewer?.email === FIRST_ADMIN_EMAIL) redirect("/welcome");
  return children;
}
