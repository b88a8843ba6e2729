import { createHash, randomBytes } from "node:crypto";

/** 256 bits, safe in an address. */
export const randomSecret = () => randomBytes(32).toString("base64url");

/** How links and tokens are stored. They are random, so a plain hash cannot be guessed backwards. */
export const hashSecret = (secret: string) => createHash("sha256").update(secret).digest("hex");
