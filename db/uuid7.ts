import { randomUUID } from "node:crypto";

let lastTime = 0;
let count = 0;

/**
 * An id as the database function `uuid7()` makes them (RFC 9562 v7, with a counter in its 12 bits after the
 * milliseconds), for rows that refer to each other before any is written. Each is later than the one before it.
 */
export function uuid7(): string {
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    count = 0;
  } else if (++count > 0xfff) {
    lastTime++;
    count = 0;
  }
  const time = lastTime.toString(16).padStart(12, "0");
  const place = count.toString(16).padStart(3, "0");
  // A random id's second half, with the dash before it and the bits of the variant.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${place}${randomUUID().slice(18)}`;
}
