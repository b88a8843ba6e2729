import type { ReactNode } from "react";

/** The top of a page: what it is, at the end what can be done, and below an optional line about it. */
export function PageHeader({
  title,
  actions,
  children,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 pt-4 pb-3 md:px-6">
      <h1 className="min-w-0 text-xl font-semibold">{title}</h1>
      {/* On a phone, a line of its own below. */}
      <div className="order-last min-w-0 basis-full empty:hidden md:order-none md:flex-1 md:basis-0 md:empty:block">
        {children}
      </div>
      {actions && <div className="ms-auto flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}
