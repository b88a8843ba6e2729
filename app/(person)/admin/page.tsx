import { notFound } from "next/navigation";
import { requestContext } from "@/app/trpc/server";
import { People } from "./people";

export default async function PeoplePage() {
  const { viewer } = await requestContext();
  if (!viewer) notFound();
  return <People viewerId={viewer.personId} />;
}
