import { Button } from "@/app/components/ui/button";

/** The end of a form of settings: what was refused, and the button. */
export function Save({ update }: { update: { error: { message: string } | null; isPending: boolean } }) {
  return (
    <>
      {update.error && (
        <p role="alert" className="text-sm text-bad">
          {update.error.message}
        </p>
      )}
      <Button type="submit" variant="primary" busy={update.isPending} className="self-start">
        Save
      </Button>
    </>
  );
}
