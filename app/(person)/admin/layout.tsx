import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { requestContext } from "@/app/trpc/server";
import { AdminPages } from "./pages";

export const metadata: Metadata = { title: "Administration" };

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const { viewer } = await requestContext();
  if (!viewer?.isAdmin) notFound();
  return (
    <>
      <PageHeader title="Administration">
        <AdminPages />
      </PageHeader>
      {children}
    </>
  );
}
