import { errors } from "../errors/ringline-error.js";
import { idOfTarget } from "../kernels/address.js";
import type { KernelContext, Log, Peer, TimerOptions } from "../kernels/kernel-context.js";
import { type AnyMessage, copyMessage, envelopeOf, lineageOf } from "../messages/any-message.js";
import { request } from "../ports/request.js";
import type { PeerRoute } from "../seam/routes.js";
import { inThisContext } from "../time/async-context.js";
import type { Clock } from "../time/clock.js";
import { type BatchOptions, checkWait, type WaitOptions } from "../time/wait-options.js";
import type { KernelHost } from "./kernel-host.js";
import { Receiving } from "./receiving.js";
import type { Sending } from "./sending.js";
import type { Fire } from "./timers.js";

/** The `ctx` of a body. `handle` bodies get the same context; their messages are settled by their driver. */
export class HostedContext implements KernelContext<AnyMessage, AnyMessage> {
  readonly kernelId: string;
  readonly peers: Readonly<Record<string, Peer<AnyMessage, AnyMessage>>>;
  readonly log: Log;
  readonly #host: KernelHost;
  readonly #sending: Sending;
  readonly #receiving: Receiving;

  constructor(host: KernelHost) {
    this.#host = host;
    this.#sending = host.sending;
    this.#receiving = new Receiving(host);
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
  get clock(): Clock {
    return this.#host.clock;
  }

  timer(delay: number, fire: Fire, { key }: TimerOptions = {}): () => void {
    return this.#host.setTimer(delay, fire, key);
  }

  waitActive(wait?: WaitOptions): Promise<void> {
    return this.#host.waitActive(wait);
  }

  receive(wait?: WaitOptions): Promise<AnyMessage> {
    return this.#receiving.one(wait);
  }
  tryReceive(): AnyMessage | undefined {
    return this.#receiving.tryOne();
  }
  receiveBatch(options: BatchOptions & WaitOptions): Promise<AnyMessage[]> {
    return this.#receiving.batch(options);
  }
  batches(options: BatchOptions): AsyncIterable<AnyMessage[]> {
    const loop = this.#receiving.batches(options);
    return { [Symbol.asyncIterator]: () => loop };
  }
  [Symbol.asyncIterator](): AsyncIterator<AnyMessage> {
    return this.#receiving;
  }

  onFlush(emit: () => void | Promise<void>): void {
    if (typeof emit !== "function") throw new errors.INVALID_ARGUMENT({ argument: "emit", value: emit });
    this.#host.flushers.push(inThisContext(emit));
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

  send(message: AnyMessage, wait?: WaitOptions): Promise<undefined> {
    const host = this.#host;
    try {
      if (this.#isPausedSource) {
        return this.#sendOnceActive(message, wait);
      }
      return (this.#sending.emit(message, wait) ?? host.yieldPoint) as Promise<undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  checkpoint(state: unknown): Promise<void> {
    const host = this.#host;
    try {
      return host.checkpoint(state) ?? host.yieldPoint;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  get state(): undefined {
    return this.#host.stateByKey as never;
  }

  get restored(): unknown {
    return this.#host.state.restored;
  }

  /** True for a deactivated source: as it has no input to finish, it pauses at its sends. */
  get #isPausedSource(): boolean {
    const host = this.#host;
    return !host.isActive && !host.isEnding && host.kernel.input.length === 0;
  }

  async #sendOnceActive(message: AnyMessage, wait: WaitOptions | undefined): Promise<undefined> {
    await this.#host.waitActive(wait);
    return this.send(message, wait);
  }

  async sendTo(target: unknown, message: unknown, wait?: WaitOptions): Promise<undefined> {
    if (this.#isPausedSource) await this.#host.waitActive(wait);
    const route = this.#route("sendTo", target);
    const checked = this.#sending.named(outsideFlows(this.#sending.caused(route.check(message))));
    if (wait !== undefined) checkWait(wait, "sendTo", route.id);
    const push = (sent: AnyMessage) => (route.outlet.tryPush(sent) ? undefined : this.#pushLater(route, sent, wait));
    if (this.#sending.commitsEffects) this.#sending.deferUntilSettled(checked, push);
    else await (push(checked) ?? this.#host.yieldPoint);
    return undefined;
  }

  async #pushLater({ id, outlet }: PeerRoute, message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const { waits } = this.#host;
    waits.begin("room", id);
    try {
      await outlet.push(message, this.#sending.whileRunning(wait));
    } finally {
      waits.end("room", id);
    }
  }

  async receiveFrom(target: unknown, wait?: WaitOptions): Promise<never> {
    const route = this.#route("receiveFrom", target);
    const { waits } = this.#host;
    waits.begin("output", route.id);
    try {
      return (await route.receive(this.#sending.whileRunning(wait))) as never;
    } finally {
      waits.end("output", route.id);
    }
  }

  async request(target: unknown, message: unknown, wait?: WaitOptions): Promise<never> {
    if (this.#isPausedSource) await this.#host.waitActive(wait);
    const route = this.#route("request", target);
    const checked = this.#sending.caused(route.check(message));
    const host = this.#host;
    const requester = `"${this.kernelId}"`;
    const limits = this.#sending.whileRunning(wait);
    const answer = request(route, checked, limits, requester, this.#sending.parentOf(checked), host.clock);
    return (await host.waits.forAnswer(route.id, answer)) as never;
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

/** Returns a message without its flow origin, for a kernel outside the flow: the flow does not wait for it. */
function outsideFlows(message: AnyMessage): AnyMessage {
  const lineage = lineageOf(message);
  if (lineage?.origin === undefined) return message;
  return copyMessage(message, {
    ...envelopeOf(message),
    lineage: lineage.requester && { requester: lineage.requester },
  });
}
