import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Creates a token that cannot be guessed. */
export const newToken = (): string => randomBytes(24).toString("base64url");

/** Compares in constant time, so that the duration reveals nothing about the token. */
export function isToken(given: string, token: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

/**
 * True for a request that a page of another origin cannot have made. A page that a name of its own leads to this
 * address (DNS rebinding) has that name as `Host`; browsers state the origin of what changes something, and the site
 * of everything else. Programs send neither.
 */
export function isSameOrigin({ headers, method }: IncomingMessage, port: number): boolean {
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`);
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host)) return false;
  if (origin !== undefined && origin !== `http://${host}`) return false;
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return true;
  // a link in an e-mail or on another site may open the page, but not read its data
  return method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}
