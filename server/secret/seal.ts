import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { env } from "../env";

const IV_BYTES = 12;
const TAG_BYTES = 16;
const STORED = "concord stored secrets";

/** A key of its own for each use, derived from AUTH_SECRET. */
export function keyFor(use: string): Buffer {
  const { AUTH_SECRET } = env();
  if (!AUTH_SECRET)
    throw new Error("AUTH_SECRET is not set. `npm start` sets it for the site and the worker.");
  return Buffer.from(hkdfSync("sha256", AUTH_SECRET, "", use, 32));
}

/** AES-256-GCM; `bound` ties the text to its owner, so that a row copied to another person does not open. */
export function seal(value: string, bound: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyFor(STORED), iv).setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

export function unseal(ciphertext: string, bound: string): string {
  const bytes = Buffer.from(ciphertext, "base64");
  const decipher = createDecipheriv("aes-256-gcm", keyFor(STORED), bytes.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(bound))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    throw new Error("A stored token cannot be read with this AUTH_SECRET. Store it again.");
  }
}
