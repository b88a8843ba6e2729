import type { ReactNode } from "react";

/** A titled part of a page, at the end of the title perhaps what can be done with it. */
export function Section({
  title,
  actions,
  children,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="flex min-w-0 flex-col gap-2">
      {actions ? (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <h2 className="text-sm font-semibold">{title}</h2>
          <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div>
        </div>
      ) : (
        <h2 className="text-sm font-semibold">{title}</h2>
      )}
      {children}
    </section>
  );
}
