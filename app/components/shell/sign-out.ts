"use server";
import { headers } from "next/headers";
import { database } from "@/db/client";
import { signOut, viewerOf } from "@/server/auth";
import { releaseSeatsOf } from "@/server/seat/seat";

/** Ends the session and gives back the seats it held, so that others can judge those tasks at once. */
export async function leave(): Promise<void> {
  const viewer = await viewerOf(await headers());
  if (viewer) await releaseSeatsOf(database().db, { personId: viewer.personId });
  await signOut({ redirectTo: "/sign-in" });
}
