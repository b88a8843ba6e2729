import { invitationSchema } from "@/server/people/schema";

export interface Invitee {
  name: string;
  email: string;
}

/** `Ada Lovelace <ada@example.org>`, `Ada Lovelace, ada@example.org`, with a tab as from a spreadsheet, or the address alone. */
const shapes = [/^(.*?)\s*<([^<>]+)>$/, /^(.*?)\s*[,;\t]\s*(\S+@\S+)$/, /^()(\S+@\S+)$/];

/**
 * People from lines of text, one a line. An address alone stands for the name until its owner changes it.
 * @returns what is wrong, by line, in place of anybody when any line is
 */
export function inviteesIn(text: string): { people: Invitee[]; problems: string[] } {
  const people: Invitee[] = [];
  const problems: string[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (!line) continue;
    const where = `Line ${index + 1}, “${line.slice(0, 60)}”`;
    const found = shapes.map((shape) => shape.exec(line)).find((match) => match !== null);
    const email = found?.[2].trim() ?? "";
    const name = found?.[1].replace(/^["']|["']$/g, "").trim() || email.split("@")[0];
    const checked = invitationSchema.safeParse({ name, email });
    const earlier = lineOf.get(email.toLowerCase());
    if (!found)
      problems.push(`${where}: write a name and an address, such as Ada Lovelace <ada@example.org>.`);
    else if (!checked.success) problems.push(`${where}: ${checked.error.issues[0]?.message}`);
    else if (earlier !== undefined) problems.push(`${where}: the address stands in line ${earlier} already.`);
    else people.push({ name: checked.data.name, email: checked.data.email });
    if (email) lineOf.set(email.toLowerCase(), index + 1);
  }
  return problems.length > 0 ? { people: [], problems } : { people, problems };
}

/** The letter that brings somebody their link, as an address that opens the person's own mail program. */
export function letterTo(
  { name, email }: Invitee,
  { link, expiresAt }: { link: string; expiresAt: Date },
): string {
  const until = expiresAt.toLocaleString("en", { dateStyle: "long", timeStyle: "short" });
  const body = [
    `Hello ${name},`,
    "you are invited to Concord, where experts compare answers of language models.",
    `Your link: ${link}`,
    `It signs you in once, until ${until}, and lets you choose a password. Please do not pass it on.`,
  ].join("\n\n");
  return `mailto:${encodeURIComponent(email)}?subject=${encodeURIComponent("Your invitation to Concord")}&body=${encodeURIComponent(body)}`;
}
