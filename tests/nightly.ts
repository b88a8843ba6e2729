/**
 * Whether this is `npm run test:all`: tests that walk a table of alike cases walk the whole of it then; `npm test` takes
 * the cases that differ most.
 */
export const nightly = process.env.CONCORD_TESTS === "all";
