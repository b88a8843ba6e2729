import type { AddressReader } from "@/app/components/table/address";
import { taskStates } from "@/db/shape/task";
import { promptFilter } from "../prompts/address";

/** What the address of the tasks page says: the filter, and the task whose detail is open. */
export const tasksAddress = (address: AddressReader) => ({
  ...promptFilter(address),
  state: address.oneOf("state", taskStates),
  raterId: address.id("raterId"),
  task: address.id("task"),
});
