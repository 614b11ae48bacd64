import { readFileSync } from "node:fs";
import type { Credentials, NatsOptions } from "../options.js";

/**
 * Arguments for the credentials of a host. Passwords are not accepted as arguments, which all users of a machine can
 * see.
 */
export const credentialOptions = {
  credentials: { type: "string" },
  nkey: { type: "string" },
  tls: { type: "boolean" },
  "tls-ca": { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
} as const;

type Values = { readonly [Name in keyof typeof credentialOptions]?: string | boolean | undefined };

/** Reads the credentials. Throws if more than one kind is given. */
export function credentialsOf(values: Values, env: NodeJS.ProcessEnv): Pick<NatsOptions, "credentials" | "tls"> {
  const { RINGLINE_NATS_USER: user, RINGLINE_NATS_PASSWORD: password, RINGLINE_NATS_TOKEN: token } = env;
  const { credentials: file, nkey } = values as { readonly credentials?: string; readonly nkey?: string };
  const ways: Credentials[] = [
    ...(file === undefined ? [] : [{ file }]),
    ...(nkey === undefined ? [] : [{ nkey: seedIn(nkey) }]),
    ...(user === undefined ? [] : [{ user, password: password ?? "" }]),
    ...(token === undefined ? [] : [{ token }]),
  ];
  if (ways.length > 1) throw new Error("Several credentials are given: one of them says who this is");
  const [credentials] = ways;
  const tls = tlsOf(values as Record<string, string | undefined>, values.tls === true);
  return { ...(credentials !== undefined && { credentials }), ...(tls !== undefined && { tls }) };
}

/** Finds the seed of an nkey in a file, on a line of its own or within one. */
function seedIn(file: string): string {
  const seed = readFileSync(file, "utf8")
    .split(/\s+/)
    .find((word) => /^S[A-Z0-9]{50,}$/.test(word));
  if (seed === undefined) throw new Error(`--nkey ${file}: there is no seed in it`);
  return seed;
}

function tlsOf(values: Readonly<Record<string, string | undefined>>, isWanted: boolean): NatsOptions["tls"] {
  const { "tls-ca": caFile, "tls-cert": certFile, "tls-key": keyFile } = values;
  const files = {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
  return Object.keys(files).length > 0 ? files : isWanted ? true : undefined;
}
