import { isMessage } from "../messages/any-message.js";
import type { KernelHost } from "./kernel-host.js";
import type { Outbox } from "./outbox.js";

/** Emits the result of a body, then commits the outbox. Returns undefined if all was accepted at once. */
export function publish(host: KernelHost, result: unknown): Promise<void> | undefined {
  const { outbox } = host.sending;
  const later = result === undefined ? undefined : emitAll(host, result);
  if (outbox === undefined) return later;
  return later === undefined ? outbox.commit() : commitAfter(later, outbox);
}

async function commitAfter(later: Promise<void>, outbox: Outbox): Promise<void> {
  await later;
  await outbox.commit();
}

/** Emits one output or several. Returns undefined if all was accepted at once. */
export function emitAll(host: KernelHost, result: unknown): Promise<void> | undefined {
  if (isMessage(result)) return host.sending.emit(result);
  if (Array.isArray(result)) return emitFrom(host, result, 0);
  if (typeof (result as PromiseLike<unknown> | null)?.then === "function") {
    return emitLater(host, result as PromiseLike<unknown>);
  }
  return host.sending.emit(result);
}

async function emitLater(host: KernelHost, result: PromiseLike<unknown>): Promise<void> {
  const late = await result;
  if (late !== undefined) await emitAll(host, late);
}

function emitFrom(host: KernelHost, outputs: readonly unknown[], start: number): Promise<void> | undefined {
  for (let i = start; i < outputs.length; i++) {
    const later = host.sending.emit(outputs[i]);
    if (later !== undefined) return emitRest(host, later, outputs, i + 1);
  }
  return undefined;
}

async function emitRest(
  host: KernelHost,
  before: Promise<void>,
  outputs: readonly unknown[],
  start: number,
): Promise<void> {
  await before;
  await emitFrom(host, outputs, start);
}
