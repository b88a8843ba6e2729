import type { AddressReader } from "@/app/components/table/address";
import { textKinds } from "@/db/shape/meaning";

/** What the address of a search by meaning says: whose reading, of which texts, the search, and the open prompt. */
export const meaningAddress = (address: AddressReader) => ({
  model: address.id("model"),
  of: address.oneOf("of", textKinds),
  run: address.id("run"),
  prompt: address.id("prompt"),
});
