import { conflict } from "../errors";
import type { Shown } from "./schema";
import type { FoundSeat } from "./seat";

/** What a lease put on its rater's screen. */
export interface Lease {
  order: number[];
  formVersionId: string;
  guidelineVersionId: string | null;
  /** As the database writes it; null where it was never kept. */
  leasedAt: string | null;
  /** Of the task, at the draw that put it there. */
  selectionProbability: number | null;
}

/** The leases of a seat that one rater had on it, the last first. */
function leasesOf({
  id,
  isMine,
  order,
  formVersionId,
  guidelineVersionId,
  leasedAt,
  selectionProbability,
  lapsed,
}: FoundSeat): Lease[] {
  const earlier = (lapsed ?? [])
    .map((lease) => ({
      ...lease,
      leasedAt: lease.leasedAt ?? null,
      selectionProbability: lease.selectionProbability ?? null,
    }))
    .reverse();
  if (!isMine) return earlier;
  if (!order || !formVersionId) throw new Error(`The seat ${id} was leased without an order.`);
  return [{ order, formVersionId, guidelineVersionId, leasedAt, selectionProbability }, ...earlier];
}

/**
 * The lease that a rater's screen shows. It need not be the last: a seat that lapsed and came to the same rater again
 * has another order now, while an older tab still shows the first.
 * @throws CONFLICT when it was none of the rater's
 */
export function shownLease(seat: FoundSeat, shown?: Shown): Lease {
  const leases = leasesOf(seat);
  if (leases.length === 0) throw conflict("You no longer hold this task.");
  const found = shown
    ? leases.find(({ leasedAt }) => instant(leasedAt) === instant(shown.leasedAt))
    : leases[0];
  if (!found)
    throw conflict(
      "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. " +
        "Nothing was stored. Load the page again and judge what it shows then.",
    );
  return found;
}

/** In milliseconds, the precision that a browser has. */
const instant = (time: string | null) => (time === null ? null : new Date(time).getTime());
