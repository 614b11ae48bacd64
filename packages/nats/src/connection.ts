import {
  type Authenticator,
  connect as connectClient,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { noConnection } from "./no-connection.js";
import type { Settings } from "./options.js";
import { identityOf } from "./server-identity.js";
import { isFrame } from "./wire/line.js";

/** Milliseconds between two tries to reach a server again. */
const AGAIN = 100;
/** Most bytes in a frame: large enough for it not to matter, small enough for others to come between. */
const MOST = 256 * 1024;

/** A member of a system, a runtime or a host, on a server: it has a name, and others write to it by that. */
export class Connection {
  readonly name: string;
  /** Most bytes in a frame. */
  readonly limit: number;
  /** Frames that are not ours, which were refused. */
  refused = 0;
  readonly #client: NatsConnection;
  readonly #prefix: string;
  /** False while the server cannot be reached: then nothing is heard of anybody, which is nobody's fault. */
  isUp = true;
  onChange: ((change: "lost" | "restored", to: string) => void) | undefined;

  private constructor(client: NatsConnection, prefix: string, name: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.name = name;
    this.limit = Math.min(client.info?.max_payload ?? MOST, MOST);
    void this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#client.status()) {
      if (type !== "disconnect" && type !== "reconnect") continue;
      this.isUp = type === "reconnect";
      this.onChange?.(this.isUp ? "restored" : "lost", this.#client.getServer());
    }
  }

  /** Rejects with `BACKEND_UNAVAILABLE` where there is no server, or none that takes this client. */
  static async open(settings: Settings, name: string): Promise<Connection> {
    const { servers, credentials, tls, prefix, hostTimeout } = settings;
    const client = await connectClient({
      servers: [...servers],
      name: `ringline ${name}`,
      noEcho: true,
      maxReconnectAttempts: -1,
      // a server that does not like the certificate may not say so
      timeout: Math.max(2000, hostTimeout),
      reconnectTimeWait: AGAIN,
      // a connection that only seems to be there is found out in twice this time
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

  /** Frames to this member. */
  onFrame(heard: (from: string, bytes: Uint8Array) => void): void {
    const subject = `${this.#prefix}.to.${this.name}.`;
    this.#client.subscribe(`${subject}*`, {
      callback: (error, message) => {
        if (error !== null) return;
        if (isFrame(message.data)) heard(message.subject.slice(subject.length), message.data);
        else this.refused++;
      },
    });
  }

  send(to: string, bytes: Uint8Array): void {
    this.#publish(`${this.#prefix}.to.${to}.${this.name}`, bytes);
  }

  /** Something that concerns all. What is heard is parsed; what is no JSON is refused. */
  onNews(topic: string, heard: (news: unknown) => void): void {
    this.#client.subscribe(`${this.#prefix}.${topic}`, {
      callback: (error, message) => {
        if (error !== null) return;
        try {
          heard(message.json());
        } catch {
          this.refused++;
        }
      },
    });
  }

  tellAll(topic: string, news: object): void {
    this.#publish(`${this.#prefix}.${topic}`, JSON.stringify(news));
  }

  #publish(subject: string, data: Uint8Array | string): void {
    // what is lost while the server cannot be reached is said again by the line
    if (!this.#client.isClosed()) this.#client.publish(subject, data);
  }

  /** Resolves when the server has all that was sent. */
  async flush(): Promise<void> {
    await this.#client.flush();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** The client hands on to Node's TLS what it does not know itself. */
function tlsOf(tls: NonNullable<Settings["tls"]>, servers: readonly string[]) {
  const files: Exclude<typeof tls, true> = tls === true ? {} : tls;
  return { ...files, checkServerIdentity: identityOf(servers) };
}

function authenticatorOf(credentials: NonNullable<Settings["credentials"]>): Authenticator {
  if ("content" in credentials) return credsAuthenticator(credentials.content);
  if ("nkey" in credentials) return nkeyAuthenticator(new TextEncoder().encode(credentials.nkey));
  if ("token" in credentials) return tokenAuthenticator(credentials.token);
  return usernamePasswordAuthenticator(credentials.user, credentials.password);
}
