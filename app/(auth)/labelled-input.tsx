"use client";
import type { ComponentProps } from "react";
import { Field, Input } from "@/app/components/ui/field";

/** A field for pages rendered on the server, which cannot pass a function to `Field`. */
export function LabelledInput({
  label,
  help,
  ...input
}: ComponentProps<"input"> & { label: string; help?: string }) {
  return (
    <Field label={label} help={help}>
      {(control) => <Input {...control} {...input} />}
    </Field>
  );
}
