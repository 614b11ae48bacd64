import type { KernelContext, Log, Peer } from "../context/kernel-context.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";
import { idOfTarget } from "../kernels/address.js";
import type { AnyMessage } from "../messages/any-message.js";
import { request } from "../messages/request.js";
import type { PeerRoute } from "../seam/routes.js";
import { limited } from "../time/limit-wait.js";
import { type BatchOptions, checkBatch, checkWait, type WaitOptions } from "../time/wait-options.js";
import type { KernelHost } from "./kernel-host.js";

const END: IteratorResult<never> = { done: true, value: undefined };

/** What a body sees of its host. `handle` bodies get the same context; their messages are settled by their driver. */
export class HostedContext implements KernelContext<AnyMessage, AnyMessage> {
  readonly kernelId: string;
  readonly peers: Readonly<Record<string, Peer<AnyMessage, AnyMessage>>>;
  readonly log: Log;
  readonly #host: KernelHost;

  constructor(host: KernelHost) {
    this.#host = host;
    this.kernelId = host.id;
    const level = (name: keyof Log) => (text: string, fields?: object) => host.reports.log(name, text, fields);
    this.log = { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
    this.peers = Object.fromEntries(Object.keys(host.kernel.peers).map((name) => [name, this.#peer(name)]));
  }

  get shouldTerminate(): boolean {
    return this.#host.isEnding;
  }
  get isActive(): boolean {
    return this.#host.isActive && !this.#host.isEnding;
  }
  get signal(): AbortSignal {
    return this.#host.signal;
  }

  waitActive(wait?: WaitOptions): Promise<void> {
    return this.#host.waitActive(wait);
  }

  receive(wait?: WaitOptions): Promise<AnyMessage> {
    const ready = wait === undefined ? this.#ready() : undefined;
    return ready === undefined ? this.#receive(wait) : Promise.resolve(ready);
  }

  tryReceive(): AnyMessage | undefined {
    const host = this.#host;
    this.#checkBody("tryReceive");
    const committed = host.outbox?.commit();
    committed?.catch(() => {}); // whoever receives next hears of it
    if (host.isOver || committed !== undefined) return undefined;
    host.settleReceived();
    return host.receivers.tryReceive();
  }

  async receiveBatch(options: BatchOptions & WaitOptions): Promise<AnyMessage[]> {
    checkBatch(options);
    checkWait(options, "receiveBatch", this.kernelId);
    const batch = [await this.#receive(options)];
    await this.#fill(batch, options);
    return batch;
  }

  batches(options: BatchOptions): AsyncIterable<AnyMessage[]> {
    checkBatch(options);
    return { [Symbol.asyncIterator]: () => this.#iterate(() => this.receiveBatch(options)) };
  }

  [Symbol.asyncIterator](): AsyncIterator<AnyMessage> {
    return this.#iterate(
      () => this.#receive(undefined),
      () => this.#ready(),
    );
  }

  settle(message: AnyMessage): void {
    if (this.#host.kernel.ack === "manual" && this.#host.finish(message)) return;
    throw new errors.INVALID_ARGUMENT(
      { argument: "message", value: message },
      {
        kernelId: this.kernelId,
        remedy: 'settle() is for kernels with `ack: "manual"`, once for each message that they received.',
      },
    );
  }

  send(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    const host = this.#host;
    try {
      if (this.#isPausedSource) {
        return this.#sendOnceActive(message, wait);
      }
      return host.emit(message, wait) ?? host.breath;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  checkpoint(state: unknown): Promise<void> {
    const host = this.#host;
    try {
      return host.checkpoint(state) ?? host.breath;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  get restored(): unknown {
    return this.#host.state.restored;
  }

  /** A source has nothing in hand to finish: while it is deactivated it pauses where it sends. */
  get #isPausedSource(): boolean {
    const host = this.#host;
    return !host.isActive && !host.isEnding && host.kernel.input.length === 0;
  }

  async #sendOnceActive(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    await this.#host.waitActive(wait);
    return this.send(message, wait);
  }

  async sendTo(target: unknown, message: unknown, wait?: WaitOptions): Promise<void> {
    if (this.#isPausedSource) await this.#host.waitActive(wait);
    const route = this.#route("sendTo", target);
    const checked = this.#host.named(this.#host.caused(route.check(message)));
    if (wait !== undefined) checkWait(wait, "sendTo", route.id);
    const push = (sent: AnyMessage) =>
      route.outlet.tryPush(sent) ? undefined : route.outlet.push(sent, this.#host.whileRunning(wait));
    if (this.#host.keepsEffects) this.#host.outbox?.add(checked, push);
    else await (push(checked) ?? this.#host.breath);
  }

  async receiveFrom(target: unknown, wait?: WaitOptions): Promise<never> {
    return (await this.#route("receiveFrom", target).receive(this.#host.whileRunning(wait))) as never;
  }

  async request(target: unknown, message: unknown, wait?: WaitOptions): Promise<never> {
    if (this.#isPausedSource) await this.#host.waitActive(wait);
    const route = this.#route("request", target);
    const checked = this.#host.caused(route.check(message));
    const host = this.#host;
    const asker = `"${this.kernelId}"`;
    return (await request(route, checked, host.whileRunning(wait), asker, host.parentOf(checked), host.clock)) as never;
  }

  /** A message that is there already: no wait and no promise. */
  #ready(): AnyMessage | undefined {
    const host = this.#host;
    if (host.isOver || host.kernel.run === undefined || host.outbox?.isEmpty === false) return undefined;
    host.settleReceived();
    return host.receivers.ready();
  }

  #receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    const host = this.#host;
    try {
      this.#checkBody("receive");
      if (host.isOver) throw host.ended("receive");
      if (wait !== undefined) checkWait(wait, "receive", this.kernelId);
      const committed = host.outbox?.commit();
      if (committed !== undefined) return this.#receiveAfter(committed, wait);
    } catch (error) {
      return Promise.reject(error);
    }
    host.settleReceived();
    return host.receivers.receive(wait);
  }

  /** The time that the commit takes is part of the wait. */
  async #receiveAfter(committed: Promise<void>, wait: WaitOptions | undefined): Promise<AnyMessage> {
    const { clock } = this.#host;
    const since = clock.now();
    await limited(committed, this.#host.whileRunning(wait), clock, "receive", this.kernelId);
    if (wait?.timeout === undefined) return this.#receive(wait);
    return this.#receive({ ...wait, timeout: Math.max(0, wait.timeout - (clock.now() - since)) });
  }

  /** Throws for a `handle` body: its messages come to it. */
  #checkBody(operation: string): void {
    if (this.#host.kernel.run !== undefined) return;
    throw new errors.INVALID_ARGUMENT(
      { argument: operation, value: "in a handle body" },
      {
        kernelId: this.kernelId,
        remedy: "A `handle` body is given its messages one by one; to receive, write a `run` body.",
      },
    );
  }

  /** Adds what is ready, then what comes while it may linger. */
  async #fill(batch: AnyMessage[], { max, linger = 0, signal }: BatchOptions & WaitOptions): Promise<void> {
    const { receivers, clock } = this.#host;
    const until = clock.now() + linger;
    for (;;) {
      for (let more: AnyMessage | undefined; batch.length < max; batch.push(more)) {
        more = receivers.tryReceive();
        if (more === undefined) break;
      }
      const left = until - clock.now();
      if (batch.length >= max || left <= 0) return;
      try {
        batch.push(await receivers.receive({ timeout: left, signal }));
      } catch (error) {
        if (isRinglineError(error, "TIMEOUT", "ABORTED", "TERMINATED")) return; // what came so far is the batch
        throw error;
      }
    }
  }

  #iterate<Item>(next: () => Promise<Item>, ready: () => Item | undefined = () => undefined): AsyncIterator<Item> {
    const item = (value: Item): IteratorResult<Item> => ({ done: false, value });
    const end = (error: unknown): IteratorResult<Item> => {
      if (this.#host.isEnding && isRinglineError(error, "TERMINATED")) return END;
      throw error;
    };
    return {
      next: () => {
        const now = ready();
        return now === undefined ? next().then(item, end) : Promise.resolve(item(now));
      },
      // no `return`: a loop that is left by an error keeps its message in hand, as supervision must see it there
    };
  }

  #route(operation: string, target: unknown): PeerRoute {
    if (this.#host.isOver) throw this.#host.ended(operation);
    return this.#host.routes.peer(idOfTarget(target));
  }

  #peer(name: string): Peer<AnyMessage, AnyMessage> {
    return {
      id: name,
      send: (message: AnyMessage, wait?: WaitOptions) => this.sendTo(name, message, wait),
      receive: (wait?: WaitOptions) => this.receiveFrom(name, wait),
      request: (message: AnyMessage, wait?: WaitOptions) => this.request(name, message, wait),
    } as unknown as Peer<AnyMessage, AnyMessage>;
  }
}
