import type { AddressReader } from "@/app/components/table/address";
import { planDefaults } from "@/db/shape/plan";

/** Which votes a page of conclusions looks at. */
export const lookAddress = (address: AddressReader) => ({
  language: address.text("language"),
  domain: address.text("domain"),
  questionId: address.text("questionId"),
});
export type LookAddress = ReturnType<typeof lookAddress>;

/** The same, and what is planned for. */
export const planAddress = (address: AddressReader) => ({
  ...lookAddress(address),
  source: address.text("source"),
  opponent: address.text("opponent"),
  winRate: address.number("winRate", 0.501, 0.99) ?? planDefaults.winRate,
  power: address.number("power", 0.5, 0.99) ?? planDefaults.power,
  alpha: address.number("alpha", 0.001, 0.2) ?? planDefaults.alpha,
  halfWidth: address.number("halfWidth", 0.01, 0.5) ?? planDefaults.halfWidth,
});
