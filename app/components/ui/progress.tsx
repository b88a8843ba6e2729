import { cn } from "./cn";

/** How much of a known whole is done. `label` names it for screen readers. */
export function Progress({
  value,
  of,
  label,
  className,
}: {
  value: number;
  of: number;
  label: string;
  className?: string;
}) {
  const share = of > 0 ? Math.min(1, value / of) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={of}
      aria-valuenow={value}
      className={cn("h-1.5 overflow-hidden rounded-full bg-hover", className)}
    >
      <div className="h-full rounded-full bg-accent" style={{ inlineSize: `${share * 100}%` }} />
    </div>
  );
}
