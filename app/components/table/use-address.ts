"use client";
import { useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { type AddressReader, fromAddress } from "./address";

/** New values of fields of the address; null or an empty text takes the field away. */
export type Patch = Readonly<Record<string, string | number | null | undefined>>;

/**
 * What a page shows lives in its address: a link opened by a colleague shows the same, and back works.
 * @returns what the address says, and how to change it; `visit` makes a step that back returns from
 */
export function useAddress<T>(
  read: (address: AddressReader) => T,
): [T, { set: (patch: Patch) => void; visit: (patch: Patch) => void }] {
  const parameters = useSearchParams().toString();
  // The router hands a changed address on as a transition, behind whatever is being drawn: a box would untick itself
  // for as long. What was changed here is shown at once, until the router says what the address is.
  const [seen, setSeen] = useState(parameters);
  const [shown, setShown] = useState(parameters);
  if (seen !== parameters) {
    setSeen(parameters);
    setShown(parameters);
  }
  const asked = useMemo(
    () => fromAddress(read, Object.fromEntries(new URLSearchParams(shown))),
    [read, shown],
  );
  const changes = useMemo(() => {
    const by = (way: "replaceState" | "pushState") => (patch: Patch) => {
      window.history[way](null, "", patched(patch));
      setShown(window.location.search.slice(1));
    };
    return { set: by("replaceState"), visit: by("pushState") };
  }, []);
  return [asked, changes];
}

function patched(patch: Patch): string {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(patch))
    if (value === null || value === undefined || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  return url.pathname + url.search;
}
