import { hash, verify } from "@node-rs/argon2";

/** argon2id with the parameters OWASP recommends, which are this library's defaults: 19 MiB, 2 passes. */
export const hashPassword = (password: string) => hash(password);

let decoy: Promise<string> | undefined;

/**
 * Whether the password is the person's. Without a hash it takes just as long, so that the time of an answer does
 * not tell which addresses have an account.
 */
export async function verifyPassword(passwordHash: string | null | undefined, password: string) {
  if (passwordHash) return verify(passwordHash, password);
  decoy ??= hash("a password that nobody has");
  await verify(await decoy, password);
  return false;
}
