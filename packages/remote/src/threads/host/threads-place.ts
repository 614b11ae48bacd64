import { errors } from "@ringline/core";
import type { CoreServices, Incarnation, Place, Port, PortSpec, UnitSpec } from "@ringline/core/backend";
import type { Clock, Start } from "@ringline/core/internal";
import { hasBuffers, hasFunction, onAbort, releaseReferences, unlessAborted } from "@ringline/core/internal";
import type { Entry } from "../../account/entry.js";
import type { Inbox } from "../../account/inbox.js";
import { Latencies } from "../../account/latencies.js";
import { packState } from "../../codec/packed.js";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { HOST } from "../../endpoint/link.js";
import { type Frame, type Mark, QUEUED, redeliveryAfter } from "../../ring/frame.js";
import type { HostPlatform } from "../platform.js";
import type { ThreadSettings } from "../settings.js";
import type { UnitSetup } from "../setup.js";
import { DirectRoutes, hostOutlet } from "./direct-routes.js";
import type { HostedThread } from "./hosted-thread.js";
import { LostAdmissions } from "./lost-admissions.js";
import { ParkedOutlets } from "./parked-outlets.js";
import { placeThread } from "./place-thread.js";
import { recoverPorts } from "./recover-ports.js";
import { SharedPort } from "./shared-port.js";
import { handleThreads } from "./thread-handlers.js";
import { ThreadIncarnation } from "./thread-incarnation.js";
import { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** Milliseconds that a busy thread has to answer a call that its kernels do not depend on. */
const PATIENCE = 500;
const NOT_WANTED = "nobody waits for it any more";

/** The threads of one runtime as a place of core. */
export class ThreadsPlace implements Place {
  readonly endsWithin: number | undefined;
  readonly #settings: ThreadSettings;
  readonly #clock: Clock;
  readonly #threads: Threads;
  readonly #endpoint: Endpoint;
  readonly #directs: DirectRoutes;
  readonly #ports = new Map<number, SharedPort>();
  readonly #units = new Map<number, Unit>();
  readonly #parked = new ParkedOutlets();
  readonly #withdrawn: LostAdmissions;
  #ids = 1;
  #isDisposed = false;

  constructor(settings: ThreadSettings, platform: HostPlatform, core: CoreServices) {
    const { clock } = core;
    this.endsWithin = platform.endsWithin;
    this.#settings = settings;
    this.#clock = clock;
    this.#threads = new Threads(settings, platform, clock, (thread, reason) => this.#lost(thread, reason));
    this.#endpoint = this.#threads.endpoint;
    this.#withdrawn = new LostAdmissions(this.#threads, this.#ports);
    this.#endpoint.intake.onStray = (frame, from) => this.#stray(frame, from.index);
    this.#threads.onLatencies = (id, memory) => {
      const port = this.#ports.get(id);
      if (port !== undefined) port.latencies = new Latencies(memory);
    };
    this.#endpoint.onWake = () => this.#parked.roomAvailable();
    this.#directs = new DirectRoutes(this.#threads);
    handleThreads({ core, threads: this.#threads, ports: this.#ports, units: this.#units, directs: this.#directs });
  }

  async openPort(spec: PortSpec, signal: AbortSignal): Promise<Port> {
    const port = new SharedPort(this.#ids++, spec, this.#endpoint, this.#clock);
    this.#ports.set(port.id, port);
    this.#parked.watch(port.outlet);
    port.onAdopted = (thread) => this.#move(port, thread);
    port.onShut = (thread) => this.#threads.get(thread)?.kernels.delete(port.id);
    try {
      if (spec.direction === "input") await this.#settle(port, signal);
    } catch (error) {
      this.closePort(port);
      throw error;
    }
    return port;
  }

  closePort(port: Port): void {
    const { id, block } = port as SharedPort;
    if (!this.#ports.delete(id)) return;
    const { home } = block;
    this.#threads.get(home)?.kernels.delete(id);
    if (home === HOST) this.#endpoint.intake.close(id);
    else this.#endpoint.notify(home, { k: "shut", port: id });
    this.#directs.forget(id);
    (port as SharedPort).forget();
  }

  /** Chooses a thread as the home of a port, and moves the port there. */
  async #settle(port: SharedPort, signal: AbortSignal): Promise<void> {
    const { kernelId } = port.spec;
    let { thread: wanted } = port.spec;
    for (;;) {
      const thread =
        placeThread(kernelId, this.#threads.list, this.#settings, wanted) ??
        this.#threads.start(this.#settings.dedicated.has(kernelId));
      wanted = undefined; // a thread that is lost meanwhile is not asked for again
      const { index, kernels } = thread;
      // at once: the next placement counts the port
      kernels.set(port.id, kernelId);
      try {
        await unlessAborted(thread.ready, signal, () => {});
      } catch (error) {
        kernels.delete(port.id);
        if (kernels.size === 0) this.#threads.abandon(index, NOT_WANTED);
        throw error;
      }
      await this.#endpoint.intake.catchUp(); // the messages that move
      if (this.#threads.get(index) !== thread) continue; // the thread was lost meanwhile
      this.#endpoint.links
        .get(index)
        ?.wire.post({ open: { ...port.inboxSpec, memory: port.block.memory, latencies: port.latencies.memory } });
      this.#move(port, index);
      return;
    }
  }

  /** Moves the messages that the host holds for a port to its new home. */
  #move(port: SharedPort, to: number): void {
    const { inbox, block } = port;
    if (inbox === undefined) {
      block.home = to;
      return;
    }
    this.#endpoint.intake.pull();
    const { again, queued } = inbox.moveOut();
    again.forEach((entry, i) => {
      // the next redelivery has the highest order, and a later requeue an even higher one
      const order = block.counted().requeued - i;
      const state = QUEUED | redeliveryAfter(entry.attempts);
      this.#forward(port, entry, to, { state, order, outputs: entry.frame?.outputs ?? 0 });
    });
    for (const entry of queued) this.#forward(port, entry, to);
    block.home = to;
    port.inbox = undefined;
    this.#endpoint.intake.close(port.id);
    port.moved();
  }

  #forward(port: SharedPort, entry: Entry, to: number, mark?: Mark): void {
    const message = (port.inbox as Inbox).read(entry);
    this.#endpoint.codec.encode(message, false);
    this.#endpoint.forward(to, port.id, entry.ticket, entry.priority, mark);
    if (hasBuffers) releaseReferences(message); // the sent message has its own references
    entry.settle();
  }

  /** Forwards a message that reached the host although another thread is the home of its port by now. */
  #stray(frame: Frame, by: number): void {
    const port = this.#ports.get(frame.port);
    if (port === undefined) frame.settle();
    else this.#endpoint.readdress(frame, by, port.block.home);
  }

  async spawn(spec: UnitSpec, { signal }: Start): Promise<Incarnation> {
    const { kernel, peers, telemetry } = spec;
    const port = spec.input as SharedPort;
    if (kernel.module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: kernel.id });
    if (port.inbox !== undefined) await this.#settle(port, signal);
    const unit = this.#ids++;
    const thread = port.block.home;
    const abandon = () => this.#threads.abandon(thread, `kernel "${kernel.id}" did not stop in time`);
    const place = this.#threads.get(thread)?.worker.place ?? `thread ${thread}`;
    const incarnation = new ThreadIncarnation(spec, unit, thread, this.#endpoint, this.#clock, place, abandon);
    const direct = hostOutlet(spec.routes.output.direct);
    const own = direct?.isOutput ? direct : undefined;
    const known: Unit = { spec, port, incarnation, own };
    this.#units.set(unit, known);
    const { assignment, routes } = spec;
    const { inputs } = routes.output;
    if (inputs !== undefined) {
      this.#endpoint.origins.host(inputs);
      this.#endpoint.links.get(thread)?.wire.post({ counts: inputs.counts.setup });
    }
    // last: a thread that has this memory has everything else
    this.#endpoint.links.get(thread)?.wire.post({ unit: { unit, memory: incarnation.memory.memory } });
    spec.routes.output.onRerouted = () => {
      if (this.#units.has(unit)) this.#directs.reroute(known);
    };
    for (const one of this.#ports.values()) {
      if (one.spec.kernelId !== kernel.id) continue;
      one.onUnreadable = (message, error) => {
        spec.reports.error(error, message);
        if (message !== undefined) spec.reports.deadLetter(message, error, 0);
      };
    }
    port.onUnprocessed = (message, error) => spec.reports.deadLetter(message, error, 0);
    port.onLost = (message, attempts) => {
      const error = new errors.KERNEL_FAILED({ restarts: 0 }, { kernelId: kernel.id, messageId: message.messageId });
      spec.reports.deadLetter(message, error, attempts);
    };
    const setup: UnitSetup = {
      ...{ unit, port: port.id, id: kernel.id, definedAs: kernel.definedAs, module: kernel.module },
      ...{ supervise: kernel.supervise, peers: [...peers], telemetry, direct: this.#directs.of(known) },
      // a function is not sent: the thread loads it from the module of the kernel or topology
      onError: hasFunction(kernel.onError) ? kernel.onErrorAt : kernel.onError,
      ...{ isActive: spec.isActive, restored: packState(spec.restored), assignment },
      ...{
        counts: inputs?.counts.id,
        isCounted: assignment !== undefined && inputs?.counts.isCounted(assignment.node) === true,
      },
    };
    signal.throwIfAborted();
    // after an abort, the call waits a little: core can then stop a started body in order
    const over = new AbortController();
    const forget = onAbort(signal, () => this.#clock.after(PATIENCE, () => over.abort()));
    try {
      await this.#endpoint.calls.call(thread, { k: "spawn", ...setup }, "launch", { signal: over.signal }, this.#clock);
    } catch (error) {
      this.#units.delete(unit);
      if (over.signal.aborted) void this.#takeBack(unit, port, thread);
      throw error;
    } finally {
      forget();
    }
    incarnation.hasBegun = true;
    return incarnation;
  }

  /**
   * Ends a cancelled start. A thread without other kernels is terminated, so that the next start reloads the module; so
   * is one that the module blocks.
   */
  async #takeBack(unit: number, port: SharedPort, index: number): Promise<void> {
    this.#endpoint.notify(index, { k: "unit.stop", unit, mode: "abandon" });
    const thread = this.#threads.get(index);
    if (thread === undefined) return;
    if ([...thread.kernels.keys()].every((id) => id === port.id)) return this.#threads.abandon(index, NOT_WANTED);
    const answered = this.#endpoint.calls.call(index, { k: "ping" }, "launch", { timeout: PATIENCE }, this.#clock);
    await answered.catch(() => {
      if (thread.bell.noted !== port.id) return;
      this.#threads.abandon(index, `the module of kernel "${port.spec.kernelId}" did not finish loading`);
    });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#parked.stop();
    await this.#threads.dispose();
  }

  #lost(thread: HostedThread, reason: string): void {
    const { index } = thread;
    const entered = this.#withdrawn.noted(thread);
    const busy = recoverPorts(this.#ports, thread, this.#endpoint);
    this.#withdrawn.giveBack(entered);
    this.#endpoint.calls.abort(index);
    // the last delivery may not be the cause, such as of a timer's error: a message in flight is better evidence
    const last = thread.bell.noted;
    const isToBlame = (id: number) => (busy.size === 0 || busy.has(last) ? id === last : busy.has(id));
    const units = [...this.#units.values()].filter(({ incarnation }) => incarnation.thread === index);
    const suspects = units.filter(({ port }) => isToBlame(port.id)).map(({ spec }) => spec.kernel.id);
    const details = { thread: index, reason, suspects };
    for (const unit of units) this.#units.delete(unit.incarnation.unit);
    for (const { spec, incarnation } of units) {
      const { id } = spec.kernel;
      const error = new errors.THREAD_LOST(details, { kernelId: id });
      if (this.#isDisposed) incarnation.end({ kind: "failed", error });
      else incarnation.lost(error, suspects.length > 0 && !suspects.includes(id));
    }
    const error = new errors.THREAD_LOST(details);
    thread.settle(error);
    this.#endpoint.calls.fail(index, error);
    this.#endpoint.origins.recount();
  }
}
