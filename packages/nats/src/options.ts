import { readFileSync } from "node:fs";
import { errors } from "@ringline/core";
import { checkOptions } from "@ringline/core/internal";
import { isLabels } from "./host-status.js";
import type { KeepingOptions } from "./journal/flow-stream.js";
import { addressesOf, shown } from "./server-addresses.js";

/** Options of `nats()`. */
export interface NatsOptions {
  /**
   * Addresses of servers, as "host", "host:port" or "nats://user:password@host:port"; a user or token in an address
   * counts as `credentials`, and is never shown.
   *
   * @default "127.0.0.1:4222"
   */
  readonly servers?: string | readonly string[] | undefined;
  /**
   * A credentials file, by its path; a user and password, a token, or the seed of an nkey.
   *
   * @default none
   */
  readonly credentials?: Credentials | undefined;
  /** TLS options of the client. `true`: TLS with the authorities that the system trusts. */
  readonly tls?: true | { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
  /**
   * Prefix of all subjects: systems with different prefixes share a server. Letters, digits, "-", "_".
   *
   * @default "ringline"
   */
  readonly prefix?: string | undefined;
  /**
   * Labels that the host of a kernel must offer, by the kernel's id.
   *
   * @default any host will do
   */
  readonly labels?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Milliseconds for which a host may be silent before it counts as lost, 100 to 2^31 - 1.
   *
   * @default 5000
   */
  readonly hostTimeout?: number | undefined;
  /**
   * Storage in JetStream for what durable edges accept; existing streams stay as they are.
   *
   * @default a file on one server
   */
  readonly durable?: KeepingOptions | undefined;
}

/** Credentials of a client. */
export type Credentials =
  | { readonly file: string }
  | { readonly nkey: string }
  | { readonly user: string; readonly password: string }
  | { readonly token: string };

/** Options with all defaults filled in. */
export interface Settings {
  readonly servers: readonly string[];
  readonly credentials: Exclude<Credentials, { file: string }> | { readonly content: Uint8Array } | undefined;
  readonly tls: NatsOptions["tls"];
  readonly prefix: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly hostTimeout: number;
  readonly durable: KeepingOptions;
}

/** Longest time of a timer, in milliseconds. */
export const LONGEST = 2 ** 31 - 1;
const KNOWN = ["servers", "credentials", "tls", "prefix", "labels", "hostTimeout", "durable"];

/** Checks the options. Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: NatsOptions): Settings {
  checkOptions(options, KNOWN, "nats()");
  const {
    servers = "127.0.0.1:4222",
    credentials,
    tls,
    prefix = "ringline",
    labels = {},
    hostTimeout = 5000,
    durable = {},
  } = options;
  const list = typeof servers === "string" ? [servers] : servers;
  const addresses = Array.isArray(list) ? addressesOf(list) : undefined;
  if (addresses === undefined) {
    const remedy = 'Addresses as "host:port", with a port from 1 to 65535 and at most one user in front.';
    throw wrong("servers", Array.isArray(servers) ? servers.map(shown) : shown(servers), remedy);
  }
  if (addresses.credentials !== undefined && credentials !== undefined) {
    throw wrong(
      "credentials",
      Object.keys(credentials),
      "Say who this is in `servers` or in `credentials`, not in both.",
    );
  }
  if (typeof prefix !== "string" || !/^[\w-]{1,64}$/.test(prefix)) {
    throw wrong("prefix", prefix, 'Letters, digits, "-" and "_", at most 64.');
  }
  if (!(typeof hostTimeout === "number" && hostTimeout >= 100 && hostTimeout <= LONGEST)) {
    throw wrong("hostTimeout", hostTimeout, "Milliseconds, from 100 to 2147483647.");
  }
  for (const [kernel, wanted] of Object.entries(labels)) {
    if (!isLabels(wanted)) throw wrong(`labels.${kernel}`, wanted, "A list of labels, each a text.");
  }
  checkKeeping(durable);
  const who = addresses.credentials ?? read(credentials);
  return { servers: addresses.servers, credentials: who, tls, prefix, labels, hostTimeout, durable };
}

function checkKeeping(durable: unknown): void {
  checkOptions(durable, ["storage", "replicas"], "`durable`", { path: "durable." });
  const { storage = "file", replicas = 1 } = durable as Record<string, unknown>;
  if (storage !== "file" && storage !== "memory") throw wrong("durable.storage", storage, '"file" or "memory".');
  if (!(Number.isInteger(replicas) && (replicas as number) >= 1 && (replicas as number) <= 5)) {
    throw wrong("durable.replicas", replicas, "How many servers keep it, 1 to 5.");
  }
}

/** Checks credentials. Throws `INVALID_ARGUMENT`, without any secret in it. */
function read(credentials: Credentials | undefined): Settings["credentials"] {
  if (credentials === undefined) return credentials;
  const fields = typeof credentials === "object" && credentials !== null ? Object.keys(credentials).sort().join() : "";
  const areTexts = Object.values(credentials ?? {}).every((value) => typeof value === "string");
  if (!areTexts || !["file", "nkey", "token", "password,user"].includes(fields)) {
    throw wrong("credentials", fields, "Pass { file }, { nkey }, { token } or { user, password }, each a text.");
  }
  if (!("file" in credentials)) return credentials;
  try {
    return { content: readFileSync(credentials.file) };
  } catch (cause) {
    const options = { cause, remedy: "The path of a file that this process can read." };
    throw new errors.INVALID_ARGUMENT({ argument: "credentials.file", value: credentials.file }, options);
  }
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
