import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from "radix-ui";
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

export function Checkbox({ className, ...rest }: ComponentProps<typeof RadixCheckbox.Root>) {
  return (
    <RadixCheckbox.Root
      className={cn(
        "inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-control bg-surface text-accent-ink data-[state=checked]:border-accent data-[state=checked]:bg-accent",
        className,
      )}
      {...rest}
    >
      <RadixCheckbox.Indicator>
        <Check className="size-3.5" strokeWidth={3} />
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}

export function Switch({ className, ...rest }: ComponentProps<typeof RadixSwitch.Root>) {
  return (
    <RadixSwitch.Root
      className={cn(
        "inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-control bg-sunken p-0.5 data-[state=checked]:border-accent data-[state=checked]:bg-accent",
        className,
      )}
      {...rest}
    >
      <RadixSwitch.Thumb className="size-3.5 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-accent-ink rtl:data-[state=checked]:-translate-x-4" />
    </RadixSwitch.Root>
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
