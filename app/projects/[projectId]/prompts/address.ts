import type { AddressReader } from "@/app/components/table/address";

/** What narrows a table of prompts, or of their tasks. */
export const promptFilter = (address: AddressReader) => ({
  search: address.text("search"),
  language: address.text("language"),
  domain: address.text("domain"),
  source: address.text("source"),
});

/** What the address of the prompts page says: the filter, and the prompt whose detail is open. */
export const promptsAddress = (address: AddressReader) => ({
  ...promptFilter(address),
  prompt: address.id("prompt"),
});
