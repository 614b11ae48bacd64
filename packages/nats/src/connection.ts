import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import {
  type Authenticator,
  AuthorizationError,
  connect as connectClient,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  PermissionViolationError,
  type Subscription,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { errors } from "@ringline/core";
import { isName } from "./host-status.js";
import type { Settings } from "./options.js";
import { type ServerState, ServerWatch } from "./server-watch.js";
import { isFrame } from "./wire/reliable-link.js";

/** Milliseconds between two attempts to reconnect. */
const AGAIN = 100;
/** Maximum bytes of a frame: large enough for throughput, small enough for other frames to interleave. */
const MOST = 256 * 1024;
/** Maximum bytes of a broadcast. */
const MAX_STATUS_BYTES = 512 * 1024;

/** A subject that this member subscribes to. */
interface Listening {
  readonly subject: string;
  readonly heard: (subject: string, data: Uint8Array) => boolean;
  subscription: Subscription;
}

/**
 * A member of a system, a runtime or a host, connected to a server; others send to its name. Data is validated before
 * use; invalid data is rejected and counted, and ends neither the connection nor this process.
 */
export class Connection {
  readonly name: string;
  /** Maximum bytes of a frame. */
  readonly limit: number;
  /** Number of rejected frames and broadcasts, which no member of this system sent. */
  refused = 0;
  readonly #client: NatsConnection;
  readonly #prefix: string;
  readonly #watch: ServerWatch;
  readonly #listening: Listening[] = [];

  private constructor(client: NatsConnection, prefix: string, name: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.name = name;
    this.limit = Math.min(client.info?.max_payload ?? MOST, MOST);
    this.#watch = new ServerWatch(client, () => this.#resubscribe());
  }

  /** Connects. Rejects with `BACKEND_UNAVAILABLE` if there is no server, or none that accepts this client. */
  static async open(settings: Settings, name: string): Promise<Connection> {
    const { servers, credentials, tls, prefix, hostTimeout } = settings;
    const client = await connectClient({
      servers: [...servers],
      name: `ringline ${name}`,
      noEcho: true,
      maxReconnectAttempts: -1,
      // a server that rejects the credentials now may accept them later
      ignoreAuthErrorAbort: true,
      // a server that rejects the certificate may not respond
      timeout: Math.max(2000, hostTimeout),
      reconnectTimeWait: AGAIN,
      // a dead connection is detected within twice this time
      pingInterval: Math.max(1000, hostTimeout / 2),
      ...(tls !== undefined && { tls: tlsOf(tls, servers) }),
      ...(credentials !== undefined && { authenticator: authenticatorOf(credentials) }),
    }).catch((cause: unknown) => {
      throw noConnection(cause, servers);
    });
    return new Connection(client, prefix, name);
  }

  get client(): NatsConnection {
    return this.#client;
  }

  /** False while the server cannot be reached: silence of other members then means nothing. */
  get isUp(): boolean {
    return this.#watch.state.connected;
  }

  get state(): ServerState {
    return this.#watch.state;
  }

  set onChange(told: ServerWatch["onChange"]) {
    this.#watch.onChange = told;
  }

  /** Subscribes to frames for this member. `heard`: returns false for a frame that is refused. */
  onFrame(heard: (from: string, bytes: Uint8Array) => boolean): void {
    const subject = `${this.#prefix}.to.${this.name}.`;
    this.#listen(`${subject}*`, (to, data) => {
      const from = to.slice(subject.length);
      return isName(from) && isFrame(data) && heard(from, data);
    });
  }

  send(to: string, bytes: Uint8Array): void {
    this.#publish(`${this.#prefix}.to.${to}.${this.name}`, bytes);
  }

  /** Subscribes to a broadcast topic. `read`: returns undefined for data that is not of this topic. */
  onStatus<T>(topic: string, read: (news: unknown) => T | undefined, heard: (news: T) => void): void {
    this.#listen(`${this.#prefix}.${topic}`, (_, data) => {
      const news = data.length > MAX_STATUS_BYTES ? undefined : read(jsonOf(data));
      if (news === undefined) return false;
      heard(news);
      return true;
    });
  }

  broadcast(topic: string, news: object): void {
    this.#publish(`${this.#prefix}.${topic}`, JSON.stringify(news));
  }

  /**
   * Resolves when the server has received all data and accepted all subscriptions. Rejects with `BACKEND_UNAVAILABLE`.
   */
  async ready(): Promise<void> {
    await this.#client.flush();
    const { refusal } = this.#watch;
    if (refusal !== undefined) throw noConnection(refusal, [this.#client.getServer()]);
  }

  /** Resolves when the server has received all data. */
  async flush(): Promise<void> {
    await this.#client.flush();
  }

  async close(): Promise<void> {
    this.#watch.end();
    await this.#client.close();
  }

  #listen(subject: string, heard: Listening["heard"]): void {
    this.#listening.push({ subject, heard, subscription: this.#subscribe(subject, heard) });
  }

  #subscribe(subject: string, heard: Listening["heard"]): Subscription {
    return this.#client.subscribe(subject, {
      // an error thrown by a callback would end the client's reader
      callback: (error, message) => {
        if (error !== null) return this.#watch.refused(error);
        try {
          if (!heard(message.subject, message.data)) this.refused++;
        } catch {
          this.refused++;
        }
      },
    });
  }

  /** Renews subscriptions that the server ended because of permissions, which may have changed since. */
  #resubscribe(): void {
    for (const one of this.#listening) {
      if (one.subscription.isClosed()) one.subscription = this.#subscribe(one.subject, one.heard);
    }
  }

  #publish(subject: string, data: Uint8Array | string): void {
    // the link resends what is lost while the server cannot be reached
    if (!this.#client.isClosed()) this.#client.publish(subject, data);
  }
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}

/** Options of TLS; the client passes those that it does not know on to Node. */
function tlsOf(tls: NonNullable<Settings["tls"]>, servers: readonly string[]) {
  const files: Exclude<typeof tls, true> = tls === true ? {} : tls;
  return { ...files, checkServerIdentity: identityOf(servers) };
}

/** Authenticator of the client for these credentials. */
function authenticatorOf(credentials: NonNullable<Settings["credentials"]>): Authenticator {
  if ("content" in credentials) return credsAuthenticator(credentials.content);
  if ("nkey" in credentials) return nkeyAuthenticator(new TextEncoder().encode(credentials.nkey));
  if ("token" in credentials) return tokenAuthenticator(credentials.token);
  return usernamePasswordAuthenticator(credentials.user, credentials.password);
}

/** Codes of Node's TLS, and of OpenSSL, for certificates that are not accepted, at either end. */
const CERTIFICATE = /CERT|^ERR_(SSL|TLS)_|^UNABLE_TO_/;

/** Error for servers that could not be used, with its remedy. */
function noConnection(cause: unknown, servers: readonly string[]) {
  return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, remedy: remedyOf(cause, servers.join(" or ")) });
}

function remedyOf(cause: unknown, at: string): string {
  if (cause instanceof AuthorizationError) {
    return `The server at ${at} refused who this is: pass \`credentials\` that its configuration knows.`;
  }
  if (cause instanceof PermissionViolationError) {
    return `The server at ${at} refuses this user a subject (${cause.message}): allow it in the permissions of its configuration.`;
  }
  const { code = "" } = cause as { readonly code?: string };
  if (CERTIFICATE.test(code)) {
    return `TLS with ${at} failed (${code}): name the authority of its certificate in \`tls.caFile\`, use an address that the certificate is for, and pass \`certFile\` and \`keyFile\` where the server asks for them.`;
  }
  return `Start a NATS server (one program, nats-server) at ${at}, or name others in \`servers\`.`;
}

/** Name that TLS checks if it got none; the client passes none for a server with an IP address. */
const UNNAMED = "localhost";

/**
 * Returns a check that a certificate belongs to the server that TLS names or, if it names none, to one in this list.
 */
function identityOf(servers: readonly string[]) {
  const hosts = servers.map(hostOf);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    const names = name === UNNAMED ? hosts : [name];
    const wrong = names.map((one) => checkServerIdentity(one, certificate));
    return wrong.includes(undefined) ? undefined : wrong[0];
  };
}

/** Host of an address, without scheme, port and the brackets of IPv6. */
function hostOf(server: string): string {
  const address = server.replace(/^\w+:\/\//, "");
  return isIP(address) > 0 ? address : address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
