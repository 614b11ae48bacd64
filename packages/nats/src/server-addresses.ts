/** Addresses without credentials, and the credentials that they contained. */
export interface Addresses {
  readonly servers: readonly string[];
  readonly credentials: { readonly user: string; readonly password: string } | { readonly token: string } | undefined;
}

/** Scheme, user, host (a name, an IPv4 address, or an IPv6 address in brackets or alone), port. */
const ADDRESS =
  /^(?:(nats|tls):\/\/)?(?:(.*)@)?(\[[\da-f:.]+\]|[\da-f]*:[\da-f]*:[\da-f:.]*|[\w.-]+?)(?::(\d{1,5}))?\/?$/i;

/**
 * Separates credentials from addresses, so that no error, event or log that names a server contains a password.
 * Undefined if an address is invalid, or two addresses name different users.
 */
export function addressesOf(given: readonly unknown[]): Addresses | undefined {
  const servers: string[] = [];
  let user: string | undefined;
  for (const address of given) {
    const parts = typeof address === "string" ? ADDRESS.exec(address.trim()) : null;
    if (parts === null) return undefined;
    const [, scheme, who, host, port] = parts;
    if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return undefined;
    if (who !== undefined && user !== undefined && who !== user) return undefined;
    user ??= who;
    servers.push(`${scheme === undefined ? "" : `${scheme}://`}${host}${port === undefined ? "" : `:${port}`}`);
  }
  if (servers.length === 0) return undefined;
  try {
    return { servers, credentials: user === undefined ? undefined : userIn(user) };
  } catch {
    return undefined; // invalid percent-encoding
  }
}

/** Parses `user:password`, or a token. */
function userIn(text: string): Addresses["credentials"] {
  const colon = text.indexOf(":");
  if (colon === -1) return { token: decodeURIComponent(text) };
  return { user: decodeURIComponent(text.slice(0, colon)), password: decodeURIComponent(text.slice(colon + 1)) };
}

/** Address with its credentials masked. */
export const shown = (address: unknown): unknown =>
  typeof address === "string" ? address.replace(/^(\w+:\/\/)?.*@/s, "$1***@") : address;
