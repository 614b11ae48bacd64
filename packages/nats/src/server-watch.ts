import {
  AuthorizationError,
  type NatsConnection,
  PermissionViolationError,
  UserAuthenticationExpiredError,
} from "@nats-io/transport-node";

/** Milliseconds after which a rejected subscription is tried again. */
const AGAIN = 1000;

/** State of a connection. */
export interface ServerState {
  /** True while the server can be reached, and accepts this client and its subscriptions. */
  readonly connected: boolean;
  /** Time of the last change of `connected`, in epoch milliseconds. */
  readonly since: number;
  /** Reason for the lack of a connection, if the server gave one. */
  readonly reason: string | null;
}

/** Called when the connection is lost, rejected by the server, or restored. */
export type ServerChange = (change: "lost" | "refused" | "restored", to: string, reason: string | null) => void;

/** Watches the connection of a client. No state is final: rejected operations are tried again. */
export class ServerWatch {
  onChange: ServerChange | undefined;
  /** The last refusal of the server, unless it has accepted since. */
  refusal: Error | undefined;
  state: ServerState = { connected: true, since: Date.now(), reason: null };
  readonly #client: NatsConnection;
  readonly #again: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `again`: renews subscriptions that the server rejected. */
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

  /** Handles a rejection by the server or the client. */
  refused(error: Error): void {
    const isRefused = error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
    if (!isRefused && !(error instanceof PermissionViolationError)) return;
    this.refusal = error;
    this.#change("refused", error.message);
    if (!isRefused) this.#retry();
  }

  /** Retries a rejected subject periodically, as no event says when its permission has changed. */
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
    // during retries each rejection is followed by a loss
    if (!isNew || (change === "lost" && !this.state.connected)) return;
    this.state = { connected, since: connected === this.state.connected ? this.state.since : Date.now(), reason };
    this.onChange?.(change, this.#client.getServer(), reason);
  }
}
