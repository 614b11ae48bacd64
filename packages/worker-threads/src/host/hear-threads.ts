import { type AnyRinglineError, errors } from "@ringline/core";
import {
  type AnyMessage,
  type CoreServices,
  type Exit,
  errorFromWire,
  give,
  hasBuffers,
  type IncarnationStats,
  lineageOf,
  release,
  thrownFromWire,
  type WireError,
  type WireThrown,
} from "@ringline/core/backend";
import { type PackedState, unpackState } from "../codec/state.js";
import type { LeftNews } from "../station/origin-book.js";
import type { Parcel } from "../station/parcels.js";
import type { Serving } from "../station/serving.js";
import type { DirectRoutes } from "./direct-routes.js";
import type { SharedPort } from "./shared-port.js";
import type { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** What threads speak of. */
interface Known {
  readonly core: CoreServices;
  readonly threads: Threads;
  readonly ports: ReadonlyMap<number, SharedPort>;
  readonly units: Map<number, Unit>;
  readonly directs: DirectRoutes;
}
type OfPort = { readonly port: number; readonly parcel: Parcel };
type OfUnit = { readonly unit: number };
type Ask = { unit: number; name: string; parcel: Parcel; timeout: number | undefined };

/** Hears what threads say of their kernels and ports, and does what they ask for. */
export function hearThreads(known: Known): void {
  hearNews(known);
  hearAsks(known);
}

function hearNews({ threads, ports, units }: Known): void {
  const { handlers, parcels, origins } = threads.station;
  const reports = (unit: number) => units.get(unit)?.spec.reports;
  handlers.on("ready", ({ threadId }: { threadId: number }, from) => threads.isReady(from.index, threadId));
  handlers.on("dropped", ({ port, parcel }: OfPort) => {
    const message = parcels.open(parcel);
    ports.get(port)?.spec.dropped(message);
    if (hasBuffers) release(message);
  });
  handlers.on("leftover", ({ port, parcel }: OfPort) => ports.get(port)?.leftover(parcels.open(parcel)));
  handlers.on("left", ({ error, ...news }: LeftNews & { error?: WireError }) =>
    origins.left(news, error && (errorFromWire(error) as AnyRinglineError)),
  );
  handlers.on("checkpoint", (saved: OfUnit & { state?: PackedState; settles: readonly Parcel[] }) => {
    const settles = saved.settles.map((parcel) => parcels.open(parcel));
    void reports(saved.unit)?.checkpoint(unpackState(saved.state), settles);
  });
  handlers.on("checkpointSettled", ({ unit }: OfUnit) => reports(unit)?.checkpointSettled?.());
  handlers.on("unreadable", ({ port, error }: { port: number; error: WireThrown }) => {
    const place = { kernelId: ports.get(port)?.spec.kernelId };
    const cause = thrownFromWire(error);
    ports.get(port)?.onUnreadable(new errors.KERNEL_FAILED({ restarts: 0 }, { cause, ...place }));
  });
  handlers.on("exited", (exited: OfUnit & { kind: Exit["kind"]; error?: WireError; stats: IncarnationStats }) => {
    const { unit, kind, error, stats } = exited;
    const incarnation = units.get(unit)?.incarnation;
    incarnation?.end(exitOf(kind, error && (errorFromWire(error) as AnyRinglineError)), stats);
    units.delete(unit);
  });
  handlers.on("error", ({ unit, error }: OfUnit & { error: WireError }) =>
    reports(unit)?.error(errorFromWire(error) as AnyRinglineError, undefined),
  );
  handlers.on("stalled", ({ unit }: OfUnit) => reports(unit)?.stalled());
  handlers.on("log", ({ unit, level, text, fields }: OfUnit & { level: "info"; text: string; fields?: object }) =>
    reports(unit)?.log(level, text, fields),
  );
  handlers.on("dead", (dead: OfUnit & { parcel: Parcel; error: WireError; attempts: number }) => {
    const message = parcels.open(dead.parcel);
    reports(dead.unit)?.deadLetter(message, errorFromWire(dead.error) as AnyRinglineError, dead.attempts);
  });
}

function hearAsks({ core, threads, units, directs }: Known): void {
  const { handlers, parcels, askers } = threads.station;
  const running = (unit: number): Unit => {
    const known = units.get(unit);
    if (known === undefined) throw new errors.TERMINATED({ operation: "send" });
    return known;
  };
  handlers.on("emit", async ({ unit, parcel, entered, timeout }: Ask & { entered?: number }, _, serving) => {
    const message = parcels.open(parcel);
    try {
      await pushed(running(unit).spec.routes.output, message, timeout, serving);
    } finally {
      if (entered !== undefined) lineageOf(message)?.origin?.leave(entered);
    }
    const known = units.get(unit);
    return known && directs.of(known);
  });
  handlers.on("peerSend", async ({ unit, name, parcel, timeout }: Ask, from, serving) => {
    const route = running(unit).spec.routes.peer(name);
    await pushed(route.outlet, route.check(parcels.open(parcel)), timeout, serving);
    return { port: directs.port(from.index, route.outlet), epoch: 0 };
  });
  handlers.on("peerReceive", async ({ unit, name, timeout }: Ask, from, { signal }) => {
    const message = await running(unit).spec.routes.peer(name).receive({ timeout, signal });
    const parcel = parcels.make(message, from.index);
    if (hasBuffers) release(message);
    return parcel;
  });
  handlers.on("answer", ({ id, asked, name, parcel }: { id: number; asked: string; name: string; parcel: Parcel }) => {
    const message = parcels.open(parcel);
    if (askers.answered(id, message) !== "taken") core.lateReply(message, asked, name);
    else if (hasBuffers) give(message);
  });
  handlers.on("late", ({ asked, name, parcel }: { asked: string; name: string; parcel: Parcel }) =>
    core.lateReply(parcels.open(parcel), asked, name),
  );
}

function exitOf(kind: Exit["kind"], error: AnyRinglineError | undefined): Exit {
  if (error === undefined) return { kind: kind === "stopped" ? kind : "returned" };
  return kind === "failed" ? { kind, error } : { kind: "stopped", unfinished: error };
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
