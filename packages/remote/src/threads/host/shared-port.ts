import type { Throughput, WaitOptions } from "@ringline/core";
import { type AnyRinglineError, errors, isRinglineError } from "@ringline/core";
import type { Inlet, Port, PortSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  type Clock,
  checkWait,
  type ExitPortSpec,
  hasBuffers,
  limitWait,
  NO_THROUGHPUT,
  type Outcome,
  type PortStats,
  type Refused,
  releaseReferences,
  type Unsettled,
} from "@ringline/core/internal";
import type { Entry } from "../../account/entry.js";
import { Inbox, type InboxHome } from "../../account/inbox.js";
import { Latencies } from "../../account/latencies.js";
import { PortBlock, type PortCounts } from "../../account/port-block.js";
import { limitOf, PortSender } from "../../account/port-sender.js";
import type { Caused } from "../../account/sent-outputs.js";
import { UnreadableMessage } from "../../codec/message-codec.js";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { HOST } from "../../endpoint/link.js";
import type { Payload } from "../../endpoint/payloads.js";
import { HostOutlet } from "./host-outlet.js";

/** A message of a port whose home is a thread: its ticket, earlier attempts and payload. */
export type Handed = readonly [ticket: number, attempts: number, payload: Payload];

interface Idler {
  readonly callback: () => void;
  stop: () => void;
}

/** Milliseconds that a busy thread has to report its throughput; the ledger is known without it. */
const PATIENCE = 1000;

/** Statistics of a port's home, all of one moment. */
interface HomeStats {
  readonly throughput: Throughput;
  readonly counts: PortCounts;
}

/**
 * A port on the host. The home of an input is the thread of its kernel; when that thread is lost, the host is the home
 * until the kernel restarts. The home of an output is the host.
 */
export class SharedPort implements Port {
  readonly id: number;
  readonly spec: PortSpec;
  readonly block = new PortBlock();
  /** Latencies recorded by all its homes. */
  latencies = new Latencies();
  readonly outlet: HostOutlet;
  readonly inlet: Inlet;
  /** Set while the host is the home. */
  inbox: Inbox | undefined;
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  /** Messages that `recover` has returned and that are not settled yet, with their tickets. */
  readonly #handed = new Map<AnyMessage, number>();
  /** True if its last home was a thread, which reported the throughput. */
  #isFormer = false;
  /** Callers that wait until nothing is queued or in flight; the port may change its home meanwhile. */
  readonly #idlers = new Set<Idler>();
  /** Callers that wait until the host has taken over from a thread that has ended. */
  readonly #orphans: (() => void)[] = [];
  #latest = NO_THROUGHPUT;

  constructor(id: number, spec: PortSpec, endpoint: Endpoint, clock: Clock) {
    this.id = id;
    this.spec = spec;
    this.#endpoint = endpoint;
    this.#clock = clock;
    const limit = limitOf(spec.capacity, spec.backpressure === "drop-oldest");
    this.outlet = new HostOutlet(
      spec,
      new PortSender(
        id,
        this.block,
        { limit, isTimed: spec.telemetry !== undefined, isFifo: (spec as Partial<ExitPortSpec>).isExit === true },
        endpoint,
      ),
      clock,
    );
    if (spec.direction === "output") {
      this.inbox = this.takeHome();
      this.inlet = this.inbox;
    } else {
      this.inlet = {
        tryTake: () => undefined,
        whenReadable: () => {},
        settle: (message, outcome, attempts) => this.#settle(message, outcome, attempts),
        attemptsOf: () => 0,
      };
    }
  }

  /** Makes the host the home of this port. */
  takeHome(): Inbox {
    const { dropped } = this.spec;
    const home: InboxHome = {
      clock: this.#clock,
      roomAvailable: () => this.outlet.refill(),
      dropped: (entry) => dropped(inbox.read(entry)), // the inbox releases its references
      unprocessed: (entry) => this.unprocessed(inbox.read(entry)),
      unreadable: (_, error) => this.unreadable(error, error instanceof UnreadableMessage ? error.header : undefined),
    };
    const inbox: Inbox = new Inbox(this.inboxSpec, this.block, this.#endpoint, home, this.latencies);
    this.inbox = inbox;
    this.block.home = HOST;
    this.#endpoint.intake.open(inbox);
    for (const resume of this.#orphans.splice(0)) resume();
    return inbox;
  }

  get inboxSpec() {
    const { capacity, direction, backpressure, telemetry } = this.spec;
    const dropsOldest = backpressure === "drop-oldest";
    return { id: this.id, capacity, isInput: direction === "input", dropsOldest, telemetry };
  }

  /**
   * Set by the place for a running kernel. Handlers of messages that cannot be read, and of those that arrive after the
   * end.
   */
  onUnreadable: (message: AnyMessage | undefined, error: AnyRinglineError) => void = () => {};
  onUnprocessed: (message: AnyMessage, error: AnyRinglineError) => void = () => {};
  /** Called for a dead letter whose thread was lost before it could report it. */
  onLost: (message: AnyMessage, attempts: number) => void = () => {};
  /** Called when the port has left its home thread for good. */
  onShut: (thread: number) => void = () => {};

  /**
   * Releases everything but the port itself, after its kernel has ended and its outputs were read: a reference to the
   * port, such as in the stack of an error, then holds little.
   */
  forget(): void {
    this.onUnreadable = this.onUnprocessed = this.onLost = this.onShut = () => {};
  }

  /** Ticket of the latest message whose drop or dead letter its home has reported. */
  reported = -1;
  /** The latest output of a message in flight that the host has accepted. */
  emitted: Caused | undefined;
  /** Tickets of the messages that `remove` has returned. */
  readonly removed = new Set<number>();

  /** Reports an undecodable message; no kernel caused it. */
  unreadable(cause: unknown, message: AnyMessage | undefined): void {
    const place = { kernelId: this.spec.kernelId, messageId: message?.messageId };
    const remedy = "Use the same release of Ringline and of the runtime wherever messages go.";
    this.onUnreadable(message, new errors.SERIALIZATION({ path: "" }, { cause, remedy, ...place }));
  }

  unprocessed(message: AnyMessage): void {
    const error = this.outlet.sealed?.();
    if (error !== undefined) this.onUnprocessed(message, error);
  }

  async gate(open: boolean): Promise<void> {
    this.block.isOpen = open;
    if (!open) return;
    if (this.inbox !== undefined) this.inbox.wake();
    else this.#endpoint.notify(this.block.home, { k: "opened", port: this.id });
  }

  async seal(error: () => AnyRinglineError): Promise<void> {
    this.outlet.seal(error);
  }

  async idle(wait: WaitOptions = {}): Promise<void> {
    checkWait(wait, "drain", this.spec.kernelId);
    await new Promise<void>((resolve, reject) => {
      let stopWatch = () => {};
      const unlimit = limitWait(wait, this.#clock, "drain", this.spec.kernelId, (error) => {
        stopWatch();
        reject(error);
      });
      stopWatch = this.#whenIdle(() => {
        unlimit();
        resolve();
      });
    });
  }

  #whenIdle(callback: () => void): () => void {
    const idler: Idler = { callback, stop: () => {} };
    this.#idlers.add(idler);
    this.#watch(idler);
    return () => {
      this.#idlers.delete(idler);
      idler.stop();
    };
  }

  /** Watches at its home for the port to become idle. */
  #watch(idler: Idler): void {
    const isOver = () => {
      if (this.#idlers.delete(idler)) idler.callback();
    };
    if (this.inbox !== undefined) {
      idler.stop = this.inbox.whenIdle(isOver);
      return;
    }
    const { home } = this.block;
    const { id, answer } = this.#endpoint.calls.make(home, { k: "idle", port: this.id });
    idler.stop = () => void this.#endpoint.notify(home, { k: "cancel", id });
    answer.then(isOver, (error) => {
      const again = () => this.#idlers.has(idler) && this.#watch(idler);
      this.#takenOver(error).then(again, () => {});
    });
  }

  /** Moves the idle watches after a change of the home. */
  moved(): void {
    for (const idler of this.#idlers) {
      idler.stop();
      this.#watch(idler);
    }
  }

  async recover(): Promise<readonly Unsettled[]> {
    return (await this.#inFlight()).map(([ticket, unsettled]) => {
      this.#handed.set(unsettled.message, ticket);
      return unsettled;
    });
  }

  async #inFlight(): Promise<(readonly [number, Unsettled])[]> {
    const handed = this.inbox === undefined ? await this.#call<Handed[]>("recover") : undefined;
    if (handed !== undefined) return handed.map((one) => [one[0], this.#unsettled(one)]);
    return this.#home.inFlight().map(([message, { ticket, attempts }]) => [ticket, { message, attempts }]);
  }

  /** Moves the port from the host back to the thread for which it was opened; set by the place. */
  onAdopted: (thread: number) => void = () => {};

  async adopt(messages: readonly Unsettled[], refused: Refused): Promise<void> {
    // the thread has delivered nothing, and nobody else sends yet: all is in the host's hands
    const { home } = this.block;
    const inbox = this.inbox ?? this.takeHome();
    const { sender } = this.outlet;
    const { limit } = sender;
    sender.limit = limitOf(Number.POSITIVE_INFINITY, false);
    for (const one of [...messages].sort((a, b) => Math.sign(b.attempts) - Math.sign(a.attempts))) {
      try {
        if (!sender.trySend(one.message)) throw new errors.QUEUE_FULL({ queueSize: this.spec.capacity });
        const isLate = this.#endpoint.intake.catchUp();
        if (isLate !== undefined) await isLate;
        if (one.attempts > 0) inbox.adopt(one.attempts);
      } catch (error) {
        refused(one, error);
      }
    }
    sender.limit = limit;
    inbox.wake();
    if (home !== HOST) this.onAdopted(home);
  }

  #unsettled([, attempts, payload]: Handed): Unsettled {
    return { message: this.#endpoint.payloads.open(payload), attempts };
  }

  get #home(): Inbox {
    return this.inbox as Inbox;
  }

  /** Calls the home of the port; undefined if that was lost and the host has become the home. */
  async #call<T>(k: string, more: object = {}): Promise<T | undefined> {
    try {
      return (await this.#endpoint.calls.make(this.block.home, { ...more, k, port: this.id }).answer) as T;
    } catch (error) {
      await this.#takenOver(error);
      return undefined;
    }
  }

  /** Resolves once the host is the home, after the loss of a thread; the thread may have ended just now. */
  async #takenOver(error: unknown): Promise<void> {
    if (this.inbox !== undefined) return;
    if (!isRinglineError(error, "THREAD_LOST")) throw error;
    await new Promise<void>((resolve) => this.#orphans.push(resolve));
  }

  #settle(message: AnyMessage, outcome: Outcome, attempts: number | undefined): boolean {
    const ticket = this.#handed.get(message);
    if (ticket === undefined) return false;
    this.#handed.delete(message);
    if (this.inbox === undefined) {
      // the thread has its own references
      if (hasBuffers && (outcome === "requeued" || outcome === "done")) releaseReferences(message);
      this.#endpoint.notify(this.block.home, { k: "settle", port: this.id, ticket, outcome, attempts });
    } else {
      const own = this.inbox.currentMessage(ticket);
      if (own !== undefined) this.inbox.settle(own, outcome, attempts);
    }
    return true;
  }

  async remove(): Promise<readonly Unsettled[]> {
    const removed: Unsettled[] = [];
    if (this.inbox === undefined) {
      for (const handed of (await this.#call<Handed[]>("remove")) ?? []) {
        this.removed.add(handed[0]);
        removed.push(this.#unsettled(handed));
      }
      await this.#fetch();
      if (this.#leave()) return removed;
    }
    const inbox = this.#home;
    const isLate = this.#endpoint.intake.catchUp();
    if (isLate !== undefined) await isLate;
    return [...removed, ...inbox.empty(this.block.isSealed).flatMap((entry) => this.#readRemoved(inbox, entry))];
  }

  /** Makes the host the home for good, for messages in transit. False if the thread was lost: then all have arrived. */
  #leave(): boolean {
    if (this.inbox !== undefined) return false;
    if (this.block.isSealed) {
      this.#endpoint.notify(this.block.home, { k: "shut", port: this.id });
      this.onShut(this.block.home);
    }
    this.takeHome().empty(true);
    this.#isFormer = true;
    return true;
  }

  #readRemoved(inbox: Inbox, entry: Entry): Unsettled[] {
    try {
      return [{ message: inbox.read(entry), attempts: entry.attempts }];
    } catch {
      return [];
    } finally {
      entry.settle();
    }
  }

  /** Gives back unused room; no sender may be in admission. False if the home was lost meanwhile. */
  async withdraw(): Promise<boolean> {
    if (this.inbox !== undefined) {
      this.inbox.withdraw();
      return true;
    }
    return this.#endpoint.calls.make(this.block.home, { k: "withdraw", port: this.id }).answer.then(
      () => true,
      () => false,
    );
  }

  async stats(): Promise<PortStats> {
    if (this.inbox !== undefined) this.#endpoint.intake.pull();
    const told = this.inbox === undefined ? await this.#fetch() : undefined;
    const { inbox, block } = this;
    const { received, requeued, ledger } = told?.counts ?? block.counted();
    const throughput = this.#latest;
    const isOwn = inbox !== undefined && !this.#isFormer;
    return {
      ledger,
      received,
      rejected: this.outlet.rejected,
      requeued,
      parked: this.outlet.parked,
      throughput: isOwn ? inbox.throughput() : throughput,
      wait: this.latencies.wait.latency(),
    };
  }

  /** Statistics from the thread; undefined if it is too busy: then the counts in shared memory suffice. */
  async #fetch(): Promise<HomeStats | undefined> {
    const asked = this.#call<HomeStats>("stats");
    const cancelled = new Promise<undefined>((resolve) => {
      const cancel = this.#clock.after(PATIENCE, () => resolve(undefined));
      asked.then(cancel, cancel);
    });
    const stats = await Promise.race([asked, cancelled]);
    if (stats !== undefined) this.#latest = stats.throughput;
    return stats;
  }
}
