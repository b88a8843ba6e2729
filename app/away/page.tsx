import type { Metadata } from "next";
import { Away } from "./away";

export const metadata: Metadata = { title: "Desk" };

/** What the service worker shows in place of the desk while the server is away. It has nothing private in it. */
export default function AwayPage() {
  return <Away />;
}
