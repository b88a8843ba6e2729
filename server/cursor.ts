import { invalid } from "./errors";

/**
 * Where a page of a list ended that is sorted by something else than its ids: the last row's value, and its id.
 * @throws BAD_REQUEST for what no page has given out
 */
export function endOf(cursor: string): { value: string; id: string } {
  const [, value, id] = /^([^_]+)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? [];
  if (!value || !id) throw invalid("The cursor is not one of this list.");
  return { value, id };
}
