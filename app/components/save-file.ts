/** Has the browser keep a text as a file. */
export function saveFile({ name, mediaType, content }: { name: string; mediaType: string; content: string }) {
  const href = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
  URL.revokeObjectURL(href);
}
