import { JetStreamApiError, type JetStreamManager, jetstream } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import type { JournalRecord } from "@ringline/core/backend";
import { FrameReader } from "./frame.js";
import { recordOf, type WireRecord } from "./record-wire.js";

/** How the streams of durable flows are kept. */
export interface KeepingOptions {
  /** "file" outlives the server. Default "file". */
  readonly storage?: "file" | "memory";
  /** Servers of a cluster that each have it, 1 to 5. Default 1. */
  readonly replicas?: number;
}

/** The stream of a durable flow, and what is written to get there. */
export interface FlowStream {
  readonly stream: string;
  readonly subject: string;
}

/** What is in a stream. */
export interface Found {
  readonly records: readonly JournalRecord[];
  readonly frames: { readonly sequence: number; readonly end: number }[];
  /** The place of its last frame. */
  readonly last: number;
}

export function flowStream(prefix: string, flow: string): FlowStream {
  // names of streams and parts of subjects have neither dots nor blanks nor wildcards
  const name = encodeURIComponent(flow).replace(
    /[^\w-]/g,
    (char) => `=${char === "%" ? "" : char.charCodeAt(0).toString(16)}`,
  );
  return { stream: `${prefix}-flow-${name}`, subject: `${prefix}.flow.${name}` };
}

/** Makes it where it is not there. */
export async function ensure(
  manager: JetStreamManager,
  { stream, subject }: FlowStream,
  options: KeepingOptions,
): Promise<void> {
  try {
    await manager.streams.info(stream);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { storage = "file", replicas = 1 } = options;
    const stored = { storage, num_replicas: replicas, duplicate_window: nanos(WINDOW) } as const;
    await manager.streams.add({ name: stream, subjects: [subject], ...stored });
  }
}

/** Milliseconds for which a server looks for duplicates by id: it need not, as each frame has its place. */
const WINDOW = 100;
/** The server's code for a stream that is not there. */
const NO_STREAM = 10059;

const isNotFound = (error: unknown): boolean => error instanceof JetStreamApiError && error.code === NO_STREAM;

export async function readAll(
  client: NatsConnection,
  manager: JetStreamManager,
  { stream }: FlowStream,
): Promise<Found> {
  const { state } = await manager.streams.info(stream);
  const last = state.last_seq;
  const records: JournalRecord[] = [];
  const frames: Found["frames"] = [];
  if (state.messages === 0) return { records, frames, last };
  const consumer = await jetstream(client).consumers.get(stream);
  const reader = new FrameReader();
  const messages = await consumer.consume();
  for await (const message of messages) {
    const complete = reader.read(message.data);
    if (complete !== undefined) {
      for (const wire of complete) records.push(recordOf(wire as WireRecord));
      frames.push({ sequence: message.seq, end: records.length });
    }
    if (message.seq >= last) break;
  }
  await consumer.delete().catch(() => {});
  return { records, frames, last };
}
