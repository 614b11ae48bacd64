import {
  AuthorizationError,
  type NatsConnection,
  PermissionViolationError,
  UserAuthenticationExpiredError,
} from "@nats-io/transport-node";

/** Milliseconds after which a server that refused a subject is asked again. */
const AGAIN = 1000;

/** State of a connection. */
export interface ServerState {
  /** True while the server can be reached, takes who this is, and takes the subjects that are listened to. */
  readonly connected: boolean;
  /** Since when, in milliseconds of the epoch. */
  readonly since: number;
  /** Reason for the lack of a connection, if the server gave one. */
  readonly reason: string | null;
}

/** Told when the connection was lost, was refused by the server, or is there again. */
export type ServerChange = (change: "lost" | "refused" | "restored", to: string, reason: string | null) => void;

/** Watches the connection of a client. No state is final: what was refused is tried again. */
export class ServerWatch {
  onChange: ServerChange | undefined;
  /** The last refusal of the server, unless it has accepted since. */
  refusal: Error | undefined;
  state: ServerState = { connected: true, since: Date.now(), reason: null };
  readonly #client: NatsConnection;
  readonly #again: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `again`: listens again to what the server refused. */
  constructor(client: NatsConnection, again: () => void) {
    this.#client = client;
    this.#again = again;
    void this.#follow();
    void client.closed().then((error) => this.#closed(error ?? new Error("the client has given up")));
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #follow(): Promise<void> {
    for await (const status of this.#client.status()) {
      if (this.#isOver) return;
      if (status.type === "disconnect") this.#change("lost", null);
      else if (status.type === "reconnect") this.#restored();
      else if (status.type === "error") this.refused(status.error);
    }
  }

  #restored(): void {
    this.refusal = undefined;
    this.#again();
    this.#change("restored", null);
  }

  /** The server, or the client, says no to something. */
  refused(error: Error): void {
    const isRefused = error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
    if (!isRefused && !(error instanceof PermissionViolationError)) return;
    this.refusal = error;
    this.#change("refused", error.message);
    if (!isRefused) this.#retry();
  }

  /** The client is connected, but for the subject that it may not use: nothing else tells when it may. */
  #retry(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      this.refusal = undefined;
      this.#again();
      await this.#client.flush().catch(() => {});
      if (this.refusal === undefined && !this.#isOver && !this.#client.isClosed()) this.#change("restored", null);
    }, AGAIN);
    this.#timer.unref();
  }

  #closed(error: Error): void {
    if (this.#isOver) return;
    this.refusal = error;
    this.#change("refused", error.message);
  }

  #change(change: "lost" | "refused" | "restored", reason: string | null): void {
    const connected = change === "restored";
    const isNew = this.state.connected !== connected || this.state.reason !== reason;
    // while it is tried again each refusal is followed by a loss
    if (!isNew || (change === "lost" && !this.state.connected)) return;
    this.state = { connected, since: connected === this.state.connected ? this.state.since : Date.now(), reason };
    this.onChange?.(change, this.#client.getServer(), reason);
  }
}
