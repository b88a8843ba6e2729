import type { AddressReader } from "@/app/components/table/address";

/** Which votes the page of quality counts. */
export const qualityAddress = (address: AddressReader) => ({
  language: address.text("language", 100),
  domain: address.text("domain", 200),
  raterId: address.id("raterId"),
  source: address.text("source"),
  from: address.instant("from"),
  to: address.instant("to"),
});
