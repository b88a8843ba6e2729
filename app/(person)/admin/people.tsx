"use client";
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Input } from "@/app/components/ui/field";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useToast } from "@/app/components/ui/toast";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import type { Person } from "@/server/people/schema";
import { EraseDialog } from "./erase-dialog";
import { Invite } from "./invite";

/** Everybody who can sign in here. What they may do in a project is set in the project. */
export function People({ viewerId }: { viewerId: string }) {
  const trpc = useTRPC();
  const [search, setSearch] = useState("");
  const [inviting, setInviting] = useState(false);
  const list = useInfiniteQuery(
    trpc.person.list.infiniteQueryOptions(
      { search },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const people = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2 px-4 md:px-6">
        <Input
          type="search"
          aria-label="Search by name or address"
          placeholder="Name or address"
          className="max-w-60"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button variant="primary" className="ms-auto" onClick={() => setInviting(true)}>
          Invite somebody
        </Button>
      </div>
      <Table label="People">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>E-mail</Th>
            <Th>State</Th>
            <Th>Since</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <PersonRow key={person.id} person={person} isViewer={person.id === viewerId} />
          ))}
        </tbody>
      </Table>
      {people.length === 0 && list.isSuccess && <p className="px-6 text-muted">Nobody matches.</p>}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
      <Invite open={inviting} onOpenChange={setInviting} />
    </div>
  );
}

function PersonRow({ person, isViewer }: { person: Person; isViewer: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const options = {
    onSuccess: () => client.invalidateQueries({ queryKey: trpc.person.list.pathKey() }),
    onError: (error: { message: string }) => toast({ title: error.message, tone: "bad" }),
  };
  const setDisabled = useMutation(trpc.person.setDisabled.mutationOptions(options));
  const setAdmin = useMutation(trpc.person.setAdmin.mutationOptions(options));
  const renew = useMutation(trpc.person.renewLink.mutationOptions({ onError: options.onError }));
  const proveEmail = useMutation(trpc.person.createEmailLink.mutationOptions({ onError: options.onError }));
  const [erasing, setErasing] = useState(false);
  const personId = person.id;
  const disabled = person.disabledAt !== null;
  return (
    <Tr>
      <Td className="font-medium">{person.name}</Td>
      <Td className="break-all">
        {person.email}
        {person.wantedEmail && (
          <span className="block text-sm text-muted">
            asks for {person.wantedEmail}{" "}
            <Button size="sm" variant="ghost" onClick={() => proveEmail.mutate({ personId })}>
              Link for it
            </Button>
          </span>
        )}
      </Td>
      <Td>
        <span className="flex gap-1">
          {person.isAdmin && <Badge tone="accent">admin</Badge>}
          {disabled && <Badge tone="bad">disabled</Badge>}
          {!disabled && !person.hasPassword && <Badge>no password</Badge>}
        </span>
      </Td>
      <Td>
        <When at={person.createdAt} />
      </Td>
      <Td>
        {isViewer ? (
          <span className="text-muted">you</span>
        ) : (
          <span className="flex flex-wrap justify-end gap-1">
            {!disabled && (
              <Button size="sm" variant="ghost" onClick={() => renew.mutate({ personId })}>
                Sign-in link
              </Button>
            )}
            {!disabled && (
              <Button
                size="sm"
                variant="ghost"
                onClick={() => setAdmin.mutate({ personId, isAdmin: !person.isAdmin })}
              >
                {person.isAdmin ? "No longer admin" : "Make admin"}
              </Button>
            )}
            <Button
              size="sm"
              variant="ghost"
              onClick={() => setDisabled.mutate({ personId, disabled: !disabled })}
            >
              {disabled ? "Enable" : "Disable"}
            </Button>
            <Button size="sm" variant="ghost" onClick={() => setErasing(true)}>
              Erase
            </Button>
          </span>
        )}
        {erasing && <EraseDialog person={person} onClose={() => setErasing(false)} />}
        <Dialog
          open={proveEmail.isSuccess}
          onOpenChange={() => proveEmail.reset()}
          title={`New address of ${person.name}`}
          description={`Send this link to ${proveEmail.data?.email}, and nowhere else: whoever opens it there proves that the address is theirs. It works for two days.`}
        >
          {proveEmail.data && (
            <CopyOnce label="Link" value={new URL(proveEmail.data.path, location.href).href} />
          )}
        </Dialog>
        <Dialog
          open={renew.isSuccess}
          onOpenChange={() => renew.reset()}
          title={`Sign-in link for ${person.name}`}
          description="It works once, within a week. With it they choose a new password; the old one ends."
        >
          {renew.data && <CopyOnce label="Link" value={new URL(renew.data.path, location.href).href} />}
        </Dialog>
      </Td>
    </Tr>
  );
}
