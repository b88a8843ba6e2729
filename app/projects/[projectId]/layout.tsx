import { TRPCError } from "@trpc/server";
import { notFound, redirect } from "next/navigation";
import { DeskHabitsProvider } from "@/app/components/shell/desk-habits";
import { Shell } from "@/app/components/shell/shell";
import { Say } from "@/app/i18n/say";
import { caller, ownHabits, requestContext } from "@/app/trpc/server";

/** The frame of a project's pages. Strangers are sent to sign in; those who may not look see no such page. */
export default async function ProjectLayout({ children, params }: LayoutProps<"/projects/[projectId]">) {
  const { projectId } = await params;
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  const [project, { items }, habits] = await Promise.all([
    caller.project.get({ projectId }).catch((error: unknown) => {
      const hidden =
        error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST");
      if (hidden) notFound();
      throw error;
    }),
    caller.project.list(),
    ownHabits(),
  ]);
  return (
    <Say words={["desk", "keys", "question"]} said>
      <Shell person={viewer} projects={items} project={project} role={project.role}>
        <DeskHabitsProvider habits={habits}>{children}</DeskHabitsProvider>
      </Shell>
    </Say>
  );
}
