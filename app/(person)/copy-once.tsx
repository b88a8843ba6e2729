"use client";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";

/** A secret that is shown this once, to be copied. */
export function CopyOnce({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex items-start gap-2">
      <Field label={label} help="Copy it now: it is not shown again." className="flex-1">
        {(control) => (
          <Input
            {...control}
            readOnly
            className="font-mono"
            value={value}
            onFocus={(event) => event.target.select()}
          />
        )}
      </Field>
      <Button
        className="mt-6"
        onClick={async () => {
          await navigator.clipboard.writeText(value);
          setCopied(true);
        }}
      >
        {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
