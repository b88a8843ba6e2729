interface Place {
  priority: number;
  position: number;
  until: number;
}

/** Seats that came free behind a rater's place are seen by that rater after this long at most. */
const REMEMBERED_MS = 30_000;

/**
 * How far in the queue each rater has got: a hint of this process that only saves work. Without it, a rater far
 * ahead of the others would pass over every task of their own that still waits for others, at each claim: 120,000
 * such seats take 0.8 s. With it, submitting and claiming far ahead takes as long as at the start.
 */
const places = new Map<string, Place>();

export function placeOf(raterId: string): Place | null {
  const place = places.get(raterId);
  return place && place.until > Date.now() ? place : null;
}

/** Moves a rater's place to a seat just claimed; a step back starts the time limit anew. */
export function rememberPlace(raterId: string, seat: { priority: number; position: number }): void {
  const place = placeOf(raterId);
  const isBehind =
    place &&
    (seat.priority < place.priority || (seat.priority === place.priority && seat.position > place.position));
  places.set(raterId, {
    priority: seat.priority,
    position: seat.position,
    until: isBehind ? place.until : Date.now() + REMEMBERED_MS,
  });
}

/** Lets every rater look at the whole queue again: priorities or seats have changed. */
export function forgetPlaces(): void {
  places.clear();
}
