import Link from "next/link";
import { Button } from "./components/ui/button";
import { Empty } from "./components/ui/empty";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="flex min-h-dvh items-center">
      <Empty
        title="There is nothing here"
        action={
          <Button asChild variant="primary">
            <Link href="/projects">Your projects</Link>
          </Button>
        }
      >
        <p>The page does not exist, or it belongs to a project that you are not a member of.</p>
      </Empty>
    </main>
  );
}
