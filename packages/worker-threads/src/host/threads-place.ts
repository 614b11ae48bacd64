import { type AnyRinglineError, errors } from "@ringline/core";
import type {
  AnyMessage,
  Clock,
  CoreServices,
  Edges,
  Exit,
  Incarnation,
  IncarnationStats,
  Outlet,
  Place,
  Port,
  PortSpec,
  UnitSpec,
} from "@ringline/core/backend";
import {
  errorFromWire,
  give,
  hasBuffers,
  LandingOutlet,
  lineageOf,
  release,
  thrownFromWire,
  type WireError,
  type WireThrown,
} from "@ringline/core/backend";
import { type PackedState, packState, unpackState } from "../codec/state.js";
import type { ThreadSettings } from "../options.js";
import { type Frame, IN_HAND, MESSAGE } from "../ring/frame.js";
import { Entry } from "../station/entry.js";
import { AGAIN, ATTEMPTS } from "../station/inbox.js";
import type { LeftNews } from "../station/origin-book.js";
import type { Serving } from "../station/serving.js";
import type { Direct, EdgeSetup, TargetSetup, UnitSetup } from "../station/setup.js";
import type { Parcel, Station } from "../station/station.js";
import { HostOutlet } from "./host-outlet.js";
import type { HostedThread } from "./hosted-thread.js";
import { placeThread } from "./place-thread.js";
import { RemoteIncarnation } from "./remote-incarnation.js";
import { SharedPort } from "./shared-port.js";
import { Threads } from "./threads.js";

/** Milliseconds after which whoever waits for a place that came free has it at the latest. */
const ROOM_WITHIN = 2;

/** A kernel that runs in a thread. */
interface Unit {
  readonly spec: UnitSpec;
  readonly port: SharedPort;
  readonly incarnation: RemoteIncarnation;
  /** Counts how often the route of its output has changed; shared with its thread. */
  readonly route: Int32Array;
  /** Its output port, if it has sent there straight. */
  readonly own: HostOutlet | undefined;
}

/** The threads of one runtime, as core sees them. */
export class ThreadsPlace implements Place {
  readonly #settings: ThreadSettings;
  readonly #core: CoreServices;
  readonly #clock: Clock;
  readonly #threads: Threads;
  readonly #station: Station;
  readonly #ports = new Map<number, SharedPort>();
  readonly #units = new Map<number, Unit>();
  /** Where somebody waits for room. */
  readonly #parked = new Set<HostOutlet>();
  #looking: NodeJS.Timeout | undefined;
  #ids = 1;

  constructor(settings: ThreadSettings, core: CoreServices) {
    const { clock } = core;
    this.#settings = settings;
    this.#core = core;
    this.#clock = clock;
    this.#threads = new Threads(settings, clock, (thread, cause) => this.#lost(thread, cause));
    this.#station = this.#threads.station;
    this.#station.onStray = (frame, from) => this.#stray(frame, from.index);
    this.#station.onWake = () => {
      if (this.#parked.size > 0) for (const outlet of this.#parked) outlet.hear();
    };
    this.#hear();
  }

  async openPort(spec: PortSpec): Promise<Port> {
    const port = new SharedPort(this.#ids++, spec, this.#station, this.#clock);
    this.#ports.set(port.id, port);
    port.outlet.onParked = (isParked) => {
      if (isParked) this.#park(port.outlet);
      else this.#parked.delete(port.outlet);
    };
    port.onShut = (thread) => this.#threads.get(thread)?.kernels.delete(port.id);
    if (spec.direction === "input") await this.#settle(port);
    return port;
  }

  /** Somebody waits for room: looks for it now and then, as homes do not tell of every place. */
  #park(outlet: HostOutlet): void {
    this.#parked.add(outlet);
    this.#looking ??= setInterval(() => this.#look(), ROOM_WITHIN).unref();
  }

  #look(): void {
    for (const outlet of this.#parked) outlet.refill();
    if (this.#parked.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
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
    this.#station.link(index)?.wire.post({ open: { ...port.inboxSpec, memory: port.block.memory } });
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
    this.#station.pull();
    const { again, queued } = inbox.moveOut();
    for (const entry of again) {
      this.#forward(port, inbox.read(entry), entry, to, AGAIN | (Math.min(entry.attempts, 0xffff) << ATTEMPTS));
    }
    for (const entry of queued) this.#forward(port, inbox.read(entry), entry, to, 0);
    block.home = to;
    port.inbox = undefined;
    this.#station.shut(port.id);
  }

  #forward(port: SharedPort, message: AnyMessage, entry: Entry, to: number, flags: number): void {
    this.#station.codec.encode(message, false);
    this.#station.forward(to, port.id, entry.ticket, entry.priority | flags);
    if (hasBuffers) release(message); // it has its own there
    entry.settle();
  }

  /** A message that reached the host although its port is elsewhere by now. */
  #stray(frame: Frame, by: number): void {
    const port = this.#ports.get(frame.port);
    if (port === undefined) frame.settle();
    else this.#station.readdress(frame, by, port.block.home);
  }

  async spawn(spec: UnitSpec): Promise<Incarnation> {
    const { kernel, peers, telemetry } = spec;
    const port = spec.input as SharedPort;
    if (kernel.module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: kernel.id });
    if (port.inbox !== undefined) await this.#settle(port);
    const unit = this.#ids++;
    const thread = port.block.home;
    const incarnation = new RemoteIncarnation(unit, thread, this.#station, this.#clock, (error) =>
      this.#threads.abandon(thread, error),
    );
    const route = new Int32Array(new SharedArrayBuffer(8));
    const direct = behindLanding(spec.routes.output.direct);
    const own = direct instanceof HostOutlet && direct.isOutput ? direct : undefined;
    this.#units.set(unit, { spec, port, incarnation, route, own });
    const { seat, inputs } = spec;
    if (inputs !== undefined) {
      this.#station.origins.host(inputs);
      this.#station.link(thread)?.wire.post({ counts: inputs.counts.setup });
    }
    // last: a thread that knows the route knows the rest
    this.#station.link(thread)?.wire.post({ route: { unit, memory: route.buffer } });
    spec.routes.output.onRerouted = () => this.#reroute(unit);
    port.onUnreadable = (error) => spec.reports.error(error, undefined);
    port.onLeftover = (message, error) => spec.reports.deadLetter(message, error, 0);
    const setup: UnitSetup = {
      ...{ unit, port: port.id, id: kernel.id, definedAs: kernel.definedAs, module: kernel.module },
      ...{ supervise: kernel.supervise, peers: [...peers], telemetry, direct: this.#direct(unit) },
      // a function stays where it is: the thread has the one of the kernel's module
      ...(typeof kernel.onError !== "function" && { onError: kernel.onError }),
      ...{ isActive: spec.isActive, restored: packState(spec.restored), seat },
      ...{ counts: inputs?.counts.id, isCounted: seat !== undefined && inputs?.counts.isCounted(seat.node) === true },
    };
    try {
      await this.#station.call(thread, { k: "spawn", ...setup }).answer;
    } catch (error) {
      this.#units.delete(unit);
      throw error;
    }
    return incarnation;
  }

  /** Where the output of a unit goes now, and what its thread needs to send there past this one. */
  #direct(unit: number): Direct {
    const { spec, route, incarnation } = this.#units.get(unit) as Unit;
    const epoch = Atomics.load(route, 0);
    const { direct, edges } = spec.routes.output;
    const { thread } = incarnation;
    return { port: this.#target(thread, direct), epoch, edges: edges && this.#edges(thread, edges) };
  }

  /** Undefined where one of the ports is elsewhere. */
  #edges(thread: number, { targets, by }: Edges): EdgeSetup | undefined {
    const ports = targets.map(({ outlet, node }) => ({ port: this.#target(thread, outlet), node }));
    return ports.every(hasPort) ? { targets: ports, by } : undefined;
  }

  /** The id of a port, once the thread knows it; undefined for one of another backend. */
  #target(thread: number, to: Outlet | undefined): number | undefined {
    const outlet = behindLanding(to);
    if (!(outlet instanceof HostOutlet) || outlet.sender.station !== this.#station) return undefined;
    const { id, block, limit, isTimed, isFifo } = outlet.sender;
    const known = this.#threads.get(thread)?.targets;
    if (known === undefined) return undefined;
    const target: TargetSetup = { id, memory: block.memory, limit, isTimed, isFifo };
    if (!known.has(id)) this.#station.link(thread)?.wire.post({ target });
    known.add(id);
    return id;
  }

  /** From now on its output comes by the host, until its thread hears where it goes. */
  #reroute(unit: number): void {
    const known = this.#units.get(unit);
    if (known === undefined) return;
    Atomics.add(known.route, 0, 1);
    // what its thread has not sent to its own port by now, comes by the host
    if (known.own !== undefined) known.own.sender.block.isHeld = known.spec.routes.output.direct !== known.own;
  }

  async dispose(): Promise<void> {
    clearInterval(this.#looking);
    await this.#threads.dispose();
  }

  // --- what threads say ---

  #hear(): void {
    const station = this.#station;
    const portOf = (id: number) => this.#ports.get(id);
    type OfPort = { readonly port: number; readonly parcel: Parcel };
    type OfUnit = { readonly unit: number };
    station.on("ready", ({ threadId }: { threadId: number }, from) => this.#threads.isReady(from.index, threadId));
    station.on("dropped", ({ port, parcel }: OfPort) => {
      const message = station.unparcel(parcel);
      portOf(port)?.spec.dropped(message);
      if (hasBuffers) release(message);
    });
    station.on("leftover", ({ port, parcel }: OfPort) => portOf(port)?.leftover(station.unparcel(parcel)));
    station.on("left", ({ error, ...news }: LeftNews & { error?: WireError }) =>
      station.origins.left(news, error && (errorFromWire(error) as AnyRinglineError)),
    );
    station.on("checkpoint", (saved: OfUnit & { state?: PackedState; settles: readonly Parcel[] }) => {
      const settles = saved.settles.map((parcel) => station.unparcel(parcel));
      void this.#units.get(saved.unit)?.spec.reports.checkpoint(unpackState(saved.state), settles);
    });
    station.on("checkpointSettled", ({ unit }: OfUnit) => this.#units.get(unit)?.spec.reports.checkpointSettled?.());
    station.on("unreadable", ({ port, error }: { port: number; error: WireThrown }) => {
      const place = { kernelId: portOf(port)?.spec.kernelId };
      const cause = thrownFromWire(error);
      portOf(port)?.onUnreadable(new errors.KERNEL_FAILED({ restarts: 0 }, { cause, ...place }));
    });
    station.on("exited", (exited: OfUnit & { kind: Exit["kind"]; error?: WireError; stats: IncarnationStats }) => {
      const { unit, kind, error, stats } = exited;
      const incarnation = this.#units.get(unit)?.incarnation;
      incarnation?.end(exitOf(kind, error && (errorFromWire(error) as AnyRinglineError)), stats);
      this.#units.delete(unit);
    });
    station.on("error", ({ unit, error }: OfUnit & { error: WireError }) =>
      this.#units.get(unit)?.spec.reports.error(errorFromWire(error) as AnyRinglineError, undefined),
    );
    station.on("stalled", ({ unit }: OfUnit) => this.#units.get(unit)?.spec.reports.stalled());
    station.on("log", ({ unit, level, text, fields }: OfUnit & { level: "info"; text: string; fields?: object }) =>
      this.#units.get(unit)?.spec.reports.log(level, text, fields),
    );
    station.on("dead", (dead: OfUnit & { parcel: Parcel; error: WireError; attempts: number }) => this.#dead(dead));
    this.#hearAsks();
  }

  #dead({ unit, parcel, error, attempts }: { unit: number; parcel: Parcel; error: WireError; attempts: number }): void {
    const message = this.#station.unparcel(parcel);
    this.#units.get(unit)?.spec.reports.deadLetter(message, errorFromWire(error) as AnyRinglineError, attempts);
  }

  #hearAsks(): void {
    const station = this.#station;
    type Ask = { unit: number; name: string; parcel: Parcel; timeout: number | undefined };
    station.on("emit", async ({ unit, parcel, entered, timeout }: Ask & { entered?: number }, _, serving) => {
      const message = station.unparcel(parcel);
      try {
        await pushed(this.#unit(unit).routes.output, message, timeout, serving);
      } finally {
        if (entered !== undefined) lineageOf(message)?.origin?.leave(entered);
      }
      return this.#units.has(unit) ? this.#direct(unit) : undefined;
    });
    station.on("peerSend", async ({ unit, name, parcel, timeout }: Ask, from, serving) => {
      const route = this.#unit(unit).routes.peer(name);
      await pushed(route.outlet, route.check(station.unparcel(parcel)), timeout, serving);
      return { port: this.#target(from.index, route.outlet), epoch: 0 };
    });
    station.on("peerReceive", async ({ unit, name, timeout }: Ask, from, { signal }) => {
      const message = await this.#unit(unit).routes.peer(name).receive({ timeout, signal });
      const parcel = station.parcel(message, from.index);
      if (hasBuffers) release(message);
      return parcel;
    });
    station.on("answer", ({ id, asked, name, parcel }: { id: number; asked: string; name: string; parcel: Parcel }) => {
      const message = station.unparcel(parcel);
      if (station.askers.answered(id, message) !== "taken") this.#core.lateReply(message, asked, name);
      else if (hasBuffers) give(message);
    });
    station.on("late", ({ asked, name, parcel }: { asked: string; name: string; parcel: Parcel }) =>
      this.#core.lateReply(station.unparcel(parcel), asked, name),
    );
  }

  #unit(unit: number): UnitSpec {
    const known = this.#units.get(unit);
    if (known === undefined) throw new errors.TERMINATED({ operation: "send" });
    return known.spec;
  }

  // --- a thread is lost ---

  #lost(thread: HostedThread, cause: Error): void {
    const { index } = thread;
    const busy = this.#recover(thread);
    this.#station.abortServing(index);
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
    this.#station.failCalls(index, cause);
    this.#station.origins.recount();
  }

  /** Takes over what was in the thread's ports; those of which something was in hand. */
  #recover({ index, inbound }: HostedThread): ReadonlySet<number> {
    const busy = new Set<number>();
    const left = new Map<number, { entry: Entry; isInHand: boolean }[]>();
    for (const port of this.#ports.values()) if (port.block.home === index) left.set(port.id, []);
    for (const [by, reader] of inbound) {
      for (const frame of reader.left()) {
        if (frame.kind !== MESSAGE) continue;
        const entry = new Entry(frame.ticket, frame.flags & 0xff, frame, by, undefined);
        entry.attempts = frame.flags >>> ATTEMPTS;
        const isInHand = frame.state === IN_HAND;
        if (isInHand) busy.add(frame.port);
        left.get(frame.port)?.push({ entry, isInHand });
      }
    }
    for (const [id, entries] of left) {
      entries.sort((a, b) => (a.entry.ticket - b.entry.ticket) | 0);
      this.#adopt(this.#ports.get(id) as SharedPort, entries);
    }
    return busy;
  }

  #adopt(port: SharedPort, entries: readonly { entry: Entry; isInHand: boolean }[]): void {
    const inbox = port.takeHome();
    port.block.inHand = 0;
    for (const { entry, isInHand } of entries) {
      if (isInHand) inbox.putInHand(entry);
      else if (isAgain(entry)) inbox.putAgain(entry);
      else inbox.put(entry);
    }
  }
}

function exitOf(kind: Exit["kind"], error: AnyRinglineError | undefined): Exit {
  if (error === undefined) return { kind: kind === "stopped" ? kind : "returned" };
  return kind === "failed" ? { kind, error } : { kind: "stopped", unfinished: error };
}

function hasPort<T extends { readonly port: number | undefined }>(target: T): target is T & { readonly port: number } {
  return target.port !== undefined;
}

/** Threads reach no device: nothing that they send has to land first. */
function behindLanding(outlet: Outlet | undefined): Outlet | undefined {
  return outlet instanceof LandingOutlet ? outlet.outlet : outlet;
}

function isAgain({ frame }: Entry): boolean {
  return frame !== undefined && (frame.flags & AGAIN) !== 0;
}

async function pushed(
  outlet: { tryPush(message: AnyMessage): boolean; push(message: AnyMessage, wait: object): Promise<void> },
  message: AnyMessage,
  timeout: number | undefined,
  serving: Serving,
): Promise<void> {
  if (hasBuffers) give(message); // whoever accepts it takes its references over
  try {
    if (!outlet.tryPush(message)) await outlet.push(message, { timeout, signal: serving.signal });
  } catch (error) {
    if (hasBuffers) release(message);
    throw error;
  }
}
