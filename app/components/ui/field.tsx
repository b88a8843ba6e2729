import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";

const box =
  "touch-target w-full rounded-md border border-control bg-surface text-base text-ink placeholder:text-muted disabled:opacity-50 aria-invalid:border-bad";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(box, "h-8 px-2.5", className)} {...rest} />;
}

/** A number; empty while it is none, which is NaN to the form. */
export function NumberInput({
  value,
  onNumber,
  ...rest
}: Omit<ComponentProps<"input">, "type" | "value" | "onChange"> & {
  value: number;
  onNumber: (value: number) => void;
}) {
  return (
    <Input
      {...rest}
      type="number"
      value={Number.isNaN(value) ? "" : value}
      onChange={({ target }) => onNumber(target.valueAsNumber)}
    />
  );
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      dir="auto"
      // While nothing is written, what stands in its place is in the language of the page.
      className={cn(box, "min-h-20 px-2.5 py-1.5 rtl:placeholder-shown:[direction:rtl]", className)}
      {...rest}
    />
  );
}

/** The platform's own select: keyboard, touch and screen readers are already right, also on a phone. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <select className={cn(box, "h-8 pe-7 ps-2", className)} {...rest}>
      {children}
    </select>
  );
}

interface ToggleProps extends Omit<ComponentProps<"button">, "type" | "role" | "onClick" | "children"> {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}

export function Checkbox({ checked, onCheckedChange, className, ...rest }: ToggleProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: an input cannot hold the tick, and forms here read state, not inputs
    <button
      type="button"
      role="checkbox"
      aria-checked={checked}
      onClick={() => onCheckedChange(!checked)}
      // Space ticks a box; Enter is for the form around it.
      onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      className={cn(
        "inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-control bg-surface text-accent-ink aria-checked:border-accent aria-checked:bg-accent",
        className,
      )}
      {...rest}
    >
      {checked && <Check aria-hidden="true" className="size-3.5" strokeWidth={3} />}
    </button>
  );
}

export function Switch({ checked, onCheckedChange, className, ...rest }: ToggleProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      onClick={() => onCheckedChange(!checked)}
      className={cn(
        "group inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-control bg-sunken p-0.5 aria-checked:border-accent aria-checked:bg-accent",
        className,
      )}
      {...rest}
    >
      <span className="size-3.5 rounded-full bg-muted transition-transform group-aria-checked:translate-x-4 group-aria-checked:bg-accent-ink rtl:group-aria-checked:-translate-x-4" />
    </button>
  );
}

export interface FieldControl {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

/**
 * A labelled control with its help and its error.
 * @example <Field label="Name" error={problem}>{(control) => <Input {...control} name="name" />}</Field>
 */
export function Field({
  label,
  help,
  error,
  optional,
  className,
  children,
}: {
  label: ReactNode;
  help?: ReactNode;
  error?: string | null;
  optional?: boolean;
  className?: string;
  children: (control: FieldControl) => ReactNode;
}) {
  const t = useTranslations("ui");
  const id = useId();
  const described = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className={cn("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="text-sm font-medium wrap-anywhere">
        {label}
        {optional && <span className="font-normal text-muted"> ({t("optional")})</span>}
      </label>
      {children({
        id,
        ...(described ? { "aria-describedby": described } : {}),
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      {help && (
        <p id={`${id}-help`} className="text-xs text-muted">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
