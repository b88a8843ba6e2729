"use client";
import { cn } from "./cn";
import type { DialogProps } from "./dialog-parts";
import { onDemand, useOnDemand } from "./on-demand";

/** What a dialog is made of. */
const parts = onDemand(() => import("./dialog-parts"));

/** Loads it now, for a page that must be able to ask something while the server is away. */
export const loadDialogs = (): void => void parts.load();

/** A question that has to be answered before anything else goes on. */
export function Dialog(props: DialogProps) {
  return (
    <Panel
      {...props}
      place={cn(
        "inset-x-3 top-[10vh] mx-auto max-h-[80vh] max-w-lg rounded-xl border shadow-pop",
        props.className,
      )}
    />
  );
}

/** A detail panel at the end edge; the list it belongs to stays where it was. */
export function Sheet(props: DialogProps) {
  return (
    <Panel {...props} place={cn("inset-y-0 end-0 w-full max-w-2xl border-s shadow-pop", props.className)} />
  );
}

/** A panel at the start edge, for what a wide screen has there. */
export function Drawer(props: DialogProps) {
  return <Panel {...props} place={cn("inset-y-0 start-0 w-64 border-e bg-sunken", props.className)} />;
}

function Panel(props: DialogProps & { place: string }) {
  const loaded = useOnDemand(parts, props.open);
  return loaded && <loaded.Panel {...props} />;
}
