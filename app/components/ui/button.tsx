import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { Kbd } from "./kbd";

const look = cva(
  "touch-target inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors duration-75 disabled:cursor-default disabled:opacity-50 aria-disabled:cursor-default aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "border-transparent bg-accent text-accent-ink hover:not-disabled:bg-accent/90",
        secondary: "border-line-strong bg-surface text-ink hover:not-disabled:bg-hover",
        ghost:
          "border-transparent text-muted hover:not-disabled:bg-hover hover:not-disabled:text-ink aria-pressed:bg-hover aria-pressed:text-ink",
        danger: "border-transparent bg-bad text-bad-ink hover:not-disabled:bg-bad/90",
      },
      size: { sm: "h-7 px-2 text-sm", md: "h-8 px-3 text-base", icon: "size-7 text-sm" },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof look> {
  /** The key that does the same, shown in place. */
  hint?: string;
  /** Keeps the label, shows that something is going on and takes no second click. */
  busy?: boolean;
  /** Gives the look to the only child (a link) instead of a button. */
  asChild?: boolean;
}

export function Button({
  variant,
  size,
  hint,
  busy,
  asChild,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  if (asChild)
    return (
      <Slot.Root className={cn(look({ variant, size }), className)} {...rest}>
        {children}
      </Slot.Root>
    );
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={cn(look({ variant, size }), busy && "cursor-progress", className)}
      {...rest}
    >
      {children}
      {hint && <Kbd>{hint}</Kbd>}
    </button>
  );
}

/** A button that is only an icon: its name is its label and its tooltip. */
export function IconButton({
  label,
  children,
  ...rest
}: ButtonProps & { label: string; children: ReactNode }) {
  return (
    <Button variant="ghost" size="icon" aria-label={label} title={label} {...rest}>
      {children}
    </Button>
  );
}
