/** What a reader has to know, before the number is believed. */
export function Cautions({ of }: { of: readonly string[] }) {
  return of.map((caution) => (
    <p key={caution} role="note" className="rounded-md bg-warn-wash px-3 py-2 text-sm">
      {caution}
    </p>
  ));
}
