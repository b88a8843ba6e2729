/**
 * Where a quotation stands in its document, letter by letter but for white space and the form of quotation marks, which
 * models change; null where it does not: the answer is then not grounded. An empty quotation stands nowhere.
 */
export function quotedAt(quotation: string, document: string): number | null {
  const plain = (text: string) =>
    text
      .normalize("NFC")
      .replace(/[“”„«»]/gu, '"')
      .replace(/[‘’‚]/gu, "'")
      .replace(/\s+/gu, " ");
  const sought = plain(quotation).trim();
  const place = sought === "" ? -1 : plain(document).indexOf(sought);
  return place < 0 ? null : place;
}
