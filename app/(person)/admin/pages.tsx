"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/app/components/ui/cn";

const pages = [
  { href: "/admin", label: "People" },
  { href: "/admin/cluster", label: "Cluster" },
  { href: "/admin/collections", label: "Collections" },
  { href: "/admin/audit", label: "Audit log" },
];

export function AdminPages() {
  const here = usePathname();
  return (
    <nav aria-label="Administration" className="flex gap-4">
      {pages.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          aria-current={here === href ? "page" : undefined}
          className={cn("hover:underline", here === href ? "font-medium" : "text-muted")}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
