import { readFileSync } from "node:fs";
import { errors } from "@ringline/core";
import type { KeepingOptions } from "./journal/flow-stream.js";

export interface NatsOptions {
  /** Addresses of servers, as "host" or "host:port". Default "127.0.0.1:4222". */
  readonly servers?: string | readonly string[];
  /** The content of a credentials file, or its path; or a user, a token or the seed of an nkey. Default: none. */
  readonly credentials?: Credentials;
  /** Passed to the client: certificates as it takes them. `true`: TLS with the authorities that the system trusts. */
  readonly tls?: true | { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** What all subjects begin with: systems with different prefixes share a server. Letters, digits, "-", "_". Default "ringline". */
  readonly prefix?: string;
  /** What the host of a kernel must offer, by the kernel's id. Default: any host will do. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds for which a host may be silent before it counts as lost, at least 100. Default 5000. */
  readonly hostTimeout?: number;
  /** How JetStream keeps what durable edges accept; streams that are there stay as they are. Default a file on one server. */
  readonly durable?: KeepingOptions;
}

/** How a client says who it is. */
export type Credentials =
  | { readonly file: string }
  | { readonly nkey: string }
  | { readonly user: string; readonly password: string }
  | { readonly token: string };

/** The options with nothing left out. */
export interface Settings {
  readonly servers: readonly string[];
  readonly credentials: Exclude<Credentials, { file: string }> | { readonly content: Uint8Array } | undefined;
  readonly tls: NatsOptions["tls"];
  readonly prefix: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly hostTimeout: number;
  readonly durable: KeepingOptions;
}

const KNOWN = ["servers", "credentials", "tls", "prefix", "labels", "hostTimeout", "durable"];

/** Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: NatsOptions): Settings {
  if (typeof options !== "object" || options === null) throw wrong("options", options, "Pass an object of options.");
  for (const [argument, value] of Object.entries(options)) {
    if (!KNOWN.includes(argument)) throw wrong(argument, value, `Options of nats() are ${KNOWN.join(", ")}.`);
  }
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
  if (!Array.isArray(list) || list.length === 0 || !list.every((one) => typeof one === "string" && one !== "")) {
    throw wrong("servers", servers, 'Addresses as "host:port".');
  }
  if (typeof prefix !== "string" || !/^[\w-]+$/.test(prefix)) {
    throw wrong("prefix", prefix, 'Letters, digits, "-" and "_".');
  }
  if (!(typeof hostTimeout === "number" && hostTimeout >= 100)) {
    throw wrong("hostTimeout", hostTimeout, "Milliseconds, at least 100.");
  }
  for (const [kernel, wanted] of Object.entries(labels)) {
    if (!Array.isArray(wanted)) throw wrong(`labels.${kernel}`, wanted, "A list of labels.");
  }
  checkKeeping(durable);
  return { servers: list, credentials: read(credentials), tls, prefix, labels, hostTimeout, durable };
}

function checkKeeping(durable: unknown): void {
  if (typeof durable !== "object" || durable === null) throw wrong("durable", durable, "An object of options.");
  const { storage = "file", replicas = 1, ...rest } = durable as Record<string, unknown>;
  for (const [option, value] of Object.entries(rest)) {
    throw wrong(`durable.${option}`, value, "Options of `durable` are storage and replicas.");
  }
  if (storage !== "file" && storage !== "memory") throw wrong("durable.storage", storage, '"file" or "memory".');
  if (!(Number.isInteger(replicas) && (replicas as number) >= 1 && (replicas as number) <= 5)) {
    throw wrong("durable.replicas", replicas, "How many servers keep it, 1 to 5.");
  }
}

function read(credentials: Credentials | undefined): Settings["credentials"] {
  if (credentials === undefined || !("file" in credentials)) return credentials;
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
