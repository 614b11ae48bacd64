import { errors } from "@ringline/core";
import type { CoreServices } from "@ringline/core/backend";
import { type AnyMessage, giveReferences, hasBuffers, lineageOf, releaseReferences } from "@ringline/core/internal";
import type { Caused } from "../../account/sent-outputs.js";
import { errorFromWire, thrownFromWire, type WireError } from "../../codec/error-wire.js";
import { type PackedValue, unpackState } from "../../codec/packed.js";
import type { Payload } from "../../endpoint/payloads.js";
import type { LeaveReport } from "../../tables/origin-table.js";
import type { WireExit } from "../../units/remote-incarnation.js";
import type { DirectRoutes } from "./direct-routes.js";
import type { SharedPort } from "./shared-port.js";
import type { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** Tables of the ports and units that threads refer to. */
interface HandlerContext {
  readonly core: CoreServices;
  readonly threads: Threads;
  readonly ports: ReadonlyMap<number, SharedPort>;
  readonly units: Map<number, Unit>;
  readonly directs: DirectRoutes;
}
type OfPort = { readonly port: number; readonly ticket: number; readonly payload: Payload };
type Unreadable = {
  readonly port: number;
  readonly ticket: number;
  readonly error: WireError;
  readonly payload?: Payload;
};
type OfUnit = { readonly unit: number };
type SendCall = { unit: number; name: string; payload: Payload; timeout: number | undefined; caused?: Caused };

/** Handles the events and calls of threads about their kernels and ports. */
export function handleThreads(known: HandlerContext): void {
  handleEvents(known);
  handleCalls(known);
}

function handleEvents({ threads, ports, units }: HandlerContext): void {
  const { handlers, payloads, origins } = threads.endpoint;
  const reports = (unit: number) => units.get(unit)?.spec.reports;
  handlers.on("ready", (_, from) => threads.isReady(from.index));
  handlers.on("fault", ({ origin }: { origin: string }, from) => {
    const worker = threads.get(from.index)?.worker;
    if (worker !== undefined) worker.origin = origin;
  });
  const told = (port: SharedPort | undefined, ticket: number) => {
    if (port !== undefined && ticket >= 0) port.reported = ticket;
    return port;
  };
  handlers.on("dropped", ({ port, ticket, payload }: OfPort) => {
    const message = payloads.open(payload);
    told(ports.get(port), ticket)?.spec.dropped(message);
    if (hasBuffers) releaseReferences(message);
  });
  handlers.on("leftover", ({ port, ticket, payload }: OfPort) =>
    told(ports.get(port), ticket)?.unprocessed(payloads.open(payload)),
  );
  handlers.on("left", ({ error, ...news }: LeaveReport & { error?: WireError }) =>
    origins.messageLeft(news, error && errorFromWire(error)),
  );
  handlers.on("checkpoint", (saved: OfUnit & { state?: PackedValue; settles: readonly Payload[] }) => {
    const settles = saved.settles.map((payload) => payloads.open(payload));
    void reports(saved.unit)?.checkpoint(unpackState(saved.state), settles);
  });
  handlers.on("checkpointSettled", ({ unit }: OfUnit) => reports(unit)?.checkpointSettled?.());
  handlers.on("unreadable", ({ port, ticket, error, payload }: Unreadable) =>
    told(ports.get(port), ticket)?.unreadable(thrownFromWire(error), payload && payloads.open(payload)),
  );
  handlers.on("exited", ({ unit, ...exit }: OfUnit & WireExit) => {
    units.get(unit)?.incarnation.hasExited(exit);
    units.delete(unit);
  });
  handlers.on("error", ({ unit, error }: OfUnit & { error: WireError }, from) =>
    reports(unit)?.error(Object.assign(errorFromWire(error), { thread: from.index }), undefined),
  );
  handlers.on("stalled", ({ unit, peer }: OfUnit & { peer?: string }) => reports(unit)?.stalled(peer));
  handlers.on("log", ({ unit, level, text, fields }: OfUnit & { level: "info"; text: string; fields?: object }) =>
    reports(unit)?.log(level, text, fields),
  );
  handlers.on("dead", (dead: OfUnit & { payload: Payload; error: WireError; attempts: number; ticket: number }) => {
    const message = payloads.open(dead.payload);
    told(units.get(dead.unit)?.port, dead.ticket);
    reports(dead.unit)?.deadLetter(message, errorFromWire(dead.error), dead.attempts);
  });
}

function handleCalls({ core, threads, units, directs }: HandlerContext): void {
  const { handlers, payloads, requesters } = threads.endpoint;
  const running = (unit: number): Unit => {
    const known = units.get(unit);
    if (known === undefined) throw new errors.TERMINATED({ operation: "send" });
    return known;
  };
  const taken = (unit: number, caused: Caused | undefined) => {
    const port = units.get(unit)?.port;
    if (port !== undefined && caused !== undefined) port.emitted = caused;
  };
  handlers.on(
    "emit",
    async ({ unit, payload, entered, timeout, caused }: SendCall & { entered?: number }, _, serving) => {
      const message = payloads.open(payload);
      try {
        await pushed(running(unit).spec.routes.output, message, timeout, serving);
        taken(unit, caused);
      } finally {
        if (entered !== undefined) lineageOf(message)?.origin?.leave(entered);
      }
      const known = units.get(unit);
      return known && directs.of(known);
    },
  );
  handlers.on("peerSend", async ({ unit, name, payload, timeout, caused }: SendCall, from, serving) => {
    const route = running(unit).spec.routes.peer(name);
    await pushed(route.outlet, route.check(payloads.open(payload)), timeout, serving);
    taken(unit, caused);
    return { port: directs.port(from.index, route.outlet), epoch: 0 };
  });
  handlers.on("peerReceive", async ({ unit, name, timeout }: SendCall, from, { signal }) => {
    const message = await running(unit).spec.routes.peer(name).receive({ timeout, signal });
    const payload = payloads.make(message, from.index);
    if (hasBuffers) releaseReferences(message);
    return payload;
  });
  handlers.on(
    "answer",
    ({ id, responder, name, payload }: { id: number; responder: string; name: string; payload: Payload }) => {
      const message = payloads.openAnswer(payload, (error) => requesters.failed(id, error));
      if (message === undefined) return;
      if (requesters.answered(id, message) !== "taken") core.lateReply(message, responder, name);
      else if (hasBuffers) giveReferences(message);
    },
  );
  handlers.on("late", ({ responder, name, payload }: { responder: string; name: string; payload: Payload }) =>
    core.lateReply(payloads.open(payload), responder, name),
  );
}

async function pushed(
  outlet: { tryPush(message: AnyMessage): boolean; push(message: AnyMessage, wait: object): Promise<void> },
  message: AnyMessage,
  timeout: number | undefined,
  serving: { readonly signal: AbortSignal },
): Promise<void> {
  if (hasBuffers) giveReferences(message); // the receiver that accepts the message takes over its references
  try {
    if (!outlet.tryPush(message)) await outlet.push(message, { timeout, signal: serving.signal });
  } catch (error) {
    if (hasBuffers) releaseReferences(message);
    throw error;
  }
}
