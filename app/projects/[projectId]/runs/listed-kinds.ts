import { runKinds } from "@/server/run/schema";

/** What a list of runs shows: a look before training and a turn of a chat belong to the page that asked. */
export const listedKinds = runKinds.filter((kind) => kind !== "preview" && kind !== "chat");
