import type { AddressReader } from "@/app/components/table/address";

/** What the address of the page says: the words looked for, or the prompt and which of its responses. */
export const knownAnswerAddress = (address: AddressReader) => ({
  search: address.text("search"),
  prompt: address.id("prompt"),
  /** Ids with commas between; absent: those of the prompt's first task. */
  responses: address.text("responses", 4000),
});
