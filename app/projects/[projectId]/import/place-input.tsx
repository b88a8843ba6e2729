import type { ComponentProps } from "react";
import { cn } from "@/app/components/ui/cn";
import { Input } from "@/app/components/ui/field";
import type { MappablePlace } from "@/server/import/schema";

/** The places that the inputs of a form suggest. */
export function Places({ id, places }: { id: string; places: readonly MappablePlace[] }) {
  return (
    <datalist id={id}>
      {places.map(({ path, values }) => (
        <option key={path} value={path}>
          {values.slice(0, 3).join(", ")}
        </option>
      ))}
    </datalist>
  );
}

/** A column, or a path into one: chosen from the suggestions or typed. */
export function PlaceInput({
  onChange,
  className,
  ...rest
}: Omit<ComponentProps<"input">, "onChange"> & { onChange: (path: string) => void }) {
  return (
    <Input
      {...rest}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      className={cn("font-mono text-sm", className)}
    />
  );
}
