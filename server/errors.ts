import { TRPCError } from "@trpc/server";

/** What went wrong, as a person reads it. Every one of these is expected; anything else is a defect. */
export const notFound = (what: string) =>
  new TRPCError({ code: "NOT_FOUND", message: `${what} was not found.` });
export const conflict = (message: string) => new TRPCError({ code: "CONFLICT", message });
export const invalid = (message: string) => new TRPCError({ code: "BAD_REQUEST", message });
export const forbidden = (message: string) => new TRPCError({ code: "FORBIDDEN", message });
