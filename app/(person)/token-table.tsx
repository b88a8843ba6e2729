import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";

interface Token {
  id: string;
  name: string;
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Absent where tokens do not end by themselves. */
  expiresAt?: Date | null;
  revokedAt: Date | null;
}

/** Tokens by their beginnings, each with a button that ends it. */
export function TokenTable({
  label,
  holder,
  tokens,
  ends = false,
  revokeLabel,
  onRevoke,
}: {
  label: string;
  /** Heading of the names. */
  holder: string;
  tokens: readonly Token[];
  /** Whether they end on a day. */
  ends?: boolean;
  revokeLabel: (name: string) => string;
  onRevoke: (tokenId: string) => void;
}) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{holder}</Th>
          <Th>Begins with</Th>
          <Th>Made</Th>
          <Th>Last used</Th>
          {ends && <Th>Ends</Th>}
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <Tr key={token.id}>
            <Td className="font-medium">{token.name}</Td>
            <Td>
              <code>{token.prefix}…</code>
            </Td>
            <Td>
              <When at={token.createdAt} />
            </Td>
            <Td>{token.lastUsedAt ? <When at={token.lastUsedAt} /> : "never"}</Td>
            {ends && <Td>{token.expiresAt ? <When at={token.expiresAt} /> : "never"}</Td>}
            <Td className="text-end">
              {token.revokedAt ? (
                <Badge>revoked</Badge>
              ) : (
                <Button
                  size="sm"
                  variant="ghost"
                  aria-label={revokeLabel(token.name)}
                  onClick={() => onRevoke(token.id)}
                >
                  Revoke
                </Button>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
