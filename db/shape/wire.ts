import SuperJSON from "superjson";
import { parseJson, WrittenNumber, WrittenObject, writeJson } from "./written-json";

/** What goes between the site and its pages: dates and the like, and documents as they were written. */
export const wire = new SuperJSON();

wire.registerCustom<unknown, { written: string }>(
  {
    isApplicable: (value): value is unknown =>
      value instanceof WrittenNumber || value instanceof WrittenObject,
    // In an object: what is an object itself may become no text.
    serialize: (value) => ({ written: writeJson(value) }),
    deserialize: ({ written }) => parseJson(written),
  },
  "written",
);
