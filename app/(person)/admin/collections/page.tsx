import type { Metadata } from "next";
import { Collections } from "./collections";

export const metadata: Metadata = { title: "Collections" };

export default function CollectionsPage() {
  return <Collections />;
}
