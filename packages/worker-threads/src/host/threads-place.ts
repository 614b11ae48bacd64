import { errors } from "@ringline/core";
import type { Clock, CoreServices, Incarnation, Place, Port, PortSpec, UnitSpec } from "@ringline/core/backend";
import { hasBuffers, release } from "@ringline/core/backend";
import {
  againAfter,
  type Endpoint,
  type Entry,
  type Frame,
  type Inbox,
  type Mark,
  packState,
  QUEUED,
} from "@ringline/remote";
import type { ThreadSettings } from "../options.js";
import type { UnitSetup } from "../setup.js";
import { DirectRoutes, hostOutlet } from "./direct-routes.js";
import { hearThreads } from "./hear-threads.js";
import type { HostedThread } from "./hosted-thread.js";
import { LostAdmissions } from "./lost-admissions.js";
import { ParkedOutlets } from "./parked-outlets.js";
import { placeThread } from "./place-thread.js";
import { recoverPorts } from "./recover-ports.js";
import { RemoteIncarnation } from "./remote-incarnation.js";
import { SharedPort } from "./shared-port.js";
import { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** The threads of one runtime, as core sees them. */
export class ThreadsPlace implements Place {
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

  constructor(settings: ThreadSettings, core: CoreServices) {
    const { clock } = core;
    this.#settings = settings;
    this.#clock = clock;
    this.#threads = new Threads(settings, clock, (thread, cause) => this.#lost(thread, cause));
    this.#endpoint = this.#threads.endpoint;
    this.#withdrawn = new LostAdmissions(this.#threads, this.#ports);
    this.#endpoint.intake.onStray = (frame, from) => this.#stray(frame, from.index);
    this.#endpoint.onWake = () => this.#parked.hear();
    this.#directs = new DirectRoutes(this.#threads);
    hearThreads({ core, threads: this.#threads, ports: this.#ports, units: this.#units, directs: this.#directs });
  }

  async openPort(spec: PortSpec): Promise<Port> {
    const port = new SharedPort(this.#ids++, spec, this.#endpoint, this.#clock);
    this.#ports.set(port.id, port);
    this.#parked.watch(port.outlet);
    port.onShut = (thread) => this.#threads.get(thread)?.kernels.delete(port.id);
    if (spec.direction === "input") await this.#settle(port);
    return port;
  }

  /** Gives a port its home in a thread. */
  async #settle(port: SharedPort): Promise<HostedThread> {
    const { kernelId } = port.spec;
    const thread =
      placeThread(kernelId, this.#threads.list, this.#settings) ??
      this.#threads.start(this.#settings.dedicated.has(kernelId));
    // at once: whoever is placed next counts it
    thread.kernels.set(port.id, kernelId);
    try {
      await thread.ready;
    } catch (cause) {
      throw new errors.BACKEND_UNAVAILABLE({ backend: "worker-threads" }, { cause });
    }
    const { index } = thread;
    this.#endpoint.links.get(index)?.wire.post({ open: { ...port.inboxSpec, memory: port.block.memory } });
    this.#move(port, index);
    return thread;
  }

  /** Hands over what the host has kept of a port. */
  #move(port: SharedPort, to: number): void {
    const { inbox, block } = port;
    if (inbox === undefined) {
      block.home = to;
      return;
    }
    this.#endpoint.intake.pull();
    const { again, queued } = inbox.moveOut();
    again.forEach((entry, i) => {
      // the first in line has the highest, and what is requeued from now on a higher one
      const order = block.counted().requeued - i;
      const state = QUEUED | againAfter(entry.attempts);
      this.#forward(port, entry, to, { state, order, outputs: entry.frame?.outputs ?? 0 });
    });
    for (const entry of queued) this.#forward(port, entry, to);
    block.home = to;
    port.inbox = undefined;
    this.#endpoint.intake.shut(port.id);
    port.moved();
  }

  #forward(port: SharedPort, entry: Entry, to: number, mark?: Mark): void {
    const message = (port.inbox as Inbox).read(entry);
    this.#endpoint.codec.encode(message, false);
    this.#endpoint.forward(to, port.id, entry.ticket, entry.priority, mark);
    if (hasBuffers) release(message); // it has its own there
    entry.settle();
  }

  /** A message that reached the host although its port is elsewhere by now. */
  #stray(frame: Frame, by: number): void {
    const port = this.#ports.get(frame.port);
    if (port === undefined) frame.settle();
    else this.#endpoint.readdress(frame, by, port.block.home);
  }

  async spawn(spec: UnitSpec): Promise<Incarnation> {
    const { kernel, peers, telemetry } = spec;
    const port = spec.input as SharedPort;
    if (kernel.module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: kernel.id });
    if (port.inbox !== undefined) await this.#settle(port);
    const unit = this.#ids++;
    const thread = port.block.home;
    const incarnation = new RemoteIncarnation(unit, thread, this.#endpoint, this.#clock, (error) =>
      this.#threads.abandon(thread, error),
    );
    const route = new Int32Array(new SharedArrayBuffer(8));
    const direct = hostOutlet(spec.routes.output.direct);
    const own = direct?.isOutput ? direct : undefined;
    const known: Unit = { spec, port, incarnation, route, own };
    this.#units.set(unit, known);
    const { seat, inputs } = spec;
    if (inputs !== undefined) {
      this.#endpoint.origins.host(inputs);
      this.#endpoint.links.get(thread)?.wire.post({ counts: inputs.counts.setup });
    }
    // last: a thread that knows the route knows the rest
    this.#endpoint.links.get(thread)?.wire.post({ route: { unit, memory: route.buffer } });
    spec.routes.output.onRerouted = () => {
      if (this.#units.has(unit)) this.#directs.reroute(known);
    };
    port.onUnreadable = (error) => spec.reports.error(error, undefined);
    port.onLeftover = (message, error) => spec.reports.deadLetter(message, error, 0);
    port.onLost = (message, attempts) => {
      const error = new errors.KERNEL_FAILED({ restarts: 0 }, { kernelId: kernel.id, messageId: message.messageId });
      spec.reports.deadLetter(message, error, attempts);
    };
    const setup: UnitSetup = {
      ...{ unit, port: port.id, id: kernel.id, definedAs: kernel.definedAs, module: kernel.module },
      ...{ supervise: kernel.supervise, peers: [...peers], telemetry, direct: this.#directs.of(known) },
      // a function stays where it is: the thread has the one of the kernel's module
      ...(typeof kernel.onError !== "function" && { onError: kernel.onError }),
      ...{ isActive: spec.isActive, restored: packState(spec.restored), seat },
      ...{ counts: inputs?.counts.id, isCounted: seat !== undefined && inputs?.counts.isCounted(seat.node) === true },
    };
    try {
      await this.#endpoint.calls.make(thread, { k: "spawn", ...setup }).answer;
    } catch (error) {
      this.#units.delete(unit);
      throw error;
    }
    return incarnation;
  }

  async dispose(): Promise<void> {
    this.#parked.stop();
    await this.#threads.dispose();
  }

  #lost(thread: HostedThread, cause: Error): void {
    const { index } = thread;
    const busy = recoverPorts(this.#ports, thread, this.#endpoint);
    this.#withdrawn.lost(thread);
    this.#endpoint.calls.abort(index);
    // whoever was called last may be innocent of a timer's error: a message in hand says more
    const last = thread.bell.noted;
    const isToBlame = (id: number) => (busy.size === 0 || busy.has(last) ? id === last : busy.has(id));
    const units = [...this.#units.values()].filter(({ incarnation }) => incarnation.thread === index);
    for (const unit of units) this.#units.delete(unit.incarnation.unit);
    for (const { spec, port, incarnation } of units) {
      const { id } = spec.kernel;
      const error = new errors.KERNEL_FAILED({ restarts: 0 }, { cause, kernelId: id });
      const isBlameless = units.length > 1 && !isToBlame(port.id);
      spec.reports.error(error, undefined);
      incarnation.end({ kind: "failed", error, isBlameless });
    }
    this.#endpoint.calls.fail(index, cause);
    this.#endpoint.origins.recount();
  }
}
