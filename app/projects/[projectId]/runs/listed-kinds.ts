import { runKinds } from "@/server/run/schema";

/** Not in a project's list: a look before training and a turn of a chat belong to the page that asked. */
const elsewhere: readonly string[] = ["preview", "chat", "collect"];

export const listedKinds = runKinds.filter((kind) => !elsewhere.includes(kind));
