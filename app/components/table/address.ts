export type Raw = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads an address field by field. What is not understood is left out, so that an old link still opens. The limits are
 * those of what the page asks the server, which has the last word: a browser needs no more of them than these.
 */
export interface AddressReader {
  /** @param longest characters; a longer one is left out */
  text(name: string, longest?: number): string | undefined;
  id(name: string): string | undefined;
  oneOf<const T extends string>(name: string, values: readonly T[]): T | undefined;
  /** A number from `min` to `max`. */
  number(name: string, min: number, max: number): number | undefined;
  /** A point in time with its offset, as `toISOString` writes it. */
  instant(name: string): string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function reader(raw: Raw): AddressReader {
  const given = (name: string) => {
    const value = raw[name];
    return typeof value === "string" && value ? value : undefined;
  };
  const matching = (name: string, pattern: RegExp) => {
    const value = given(name);
    return value !== undefined && pattern.test(value) ? value : undefined;
  };
  return {
    text(name, longest = 400) {
      const value = given(name)?.trim();
      return value && value.length <= longest ? value : undefined;
    },
    id: (name) => matching(name, UUID),
    oneOf: (name, values) => values.find((value) => value === given(name)),
    number(name, min, max) {
      const value = Number(given(name));
      return value >= min && value <= max && given(name) !== undefined ? value : undefined;
    },
    instant(name) {
      const value = matching(name, INSTANT);
      return value !== undefined && !Number.isNaN(Date.parse(value)) ? value : undefined;
    },
  };
}

/**
 * What an address asks a page to show.
 * @param read the page's own reading of it
 * @param raw the search parameters, as the server or the browser has them
 */
export const fromAddress = <T>(read: (address: AddressReader) => T, raw: Raw): T => read(reader(raw));
