import { expect, it } from "vitest";
import { inviteesIn, letterTo } from "@/app/(person)/admin/invitees";

it("people are read from mail programs, spreadsheets and bare addresses", () => {
  expect(
    inviteesIn(
      'Ada Lovelace <ada@example.org>\n"Hopper, Grace" <grace@example.org>\n\nAlan Turing, alan@example.org\nEmmy Noether\temmy@example.org\nkurt@example.org',
    ),
  ).toEqual({
    problems: [],
    people: [
      { name: "Ada Lovelace", email: "ada@example.org" },
      { name: "Hopper, Grace", email: "grace@example.org" },
      { name: "Alan Turing", email: "alan@example.org" },
      { name: "Emmy Noether", email: "emmy@example.org" },
      { name: "kurt", email: "kurt@example.org" },
    ],
  });
});

it("one wrong line invites nobody, and each is named", () => {
  const { people, problems } = inviteesIn("a@example.org\nAda\nX <not an address>\nAgain, A@example.org");
  expect(people).toEqual([]);
  expect(problems.map((problem) => problem.split(",")[0])).toEqual(["Line 2", "Line 3", "Line 4"]);
  expect(problems[2]).toContain("line 1 already");
});

it("a letter holds the link and how long it works, whatever the name contains", () => {
  const letter = letterTo(
    { name: "A&B ?=#", email: "a@example.org" },
    { link: "https://example.org/link/x?y", expiresAt: new Date("2026-12-07T12:00:00") },
  );
  const body = new URL(letter).searchParams.get("body");
  expect(new URL(letter).pathname).toBe("a%40example.org");
  expect(body).toContain("Hello A&B ?=#,");
  expect(body).toContain("https://example.org/link/x?y\n");
  expect(body).toContain("December 7, 2026");
});
