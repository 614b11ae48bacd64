import { type JetStreamManager, jetstream } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import type { KeptLog, KeptRecord } from "@ringline/core";
import { ID, isFrameId, isNoStream } from "./appender.js";
import { FrameReader } from "./frame.js";

/** Storage options for the streams of durable flows. */
export interface KeepingOptions {
  /**
   * "file" survives a restart of the server.
   *
   * @default "file"
   */
  readonly storage?: "file" | "memory" | undefined;
  /**
   * Number of servers of a cluster that store each stream, 1 to 5.
   *
   * @default 1
   */
  readonly replicas?: number | undefined;
}

/** Stream of a durable flow, and its subjects. */
export interface FlowStream {
  readonly stream: string;
  readonly subject: string;
  /** Subject of requests to the program that runs the flow, to give it up. */
  readonly takeover: string;
}

/** Contents of a stream. */
export interface Found {
  readonly pieces: KeptLog["found"];
  /** Sequence of its last frame. */
  readonly last: number;
}

export function flowStream(prefix: string, flow: string): FlowStream {
  // names of streams and parts of subjects have neither dots nor blanks nor wildcards
  const name = encodeURIComponent(flow).replace(
    /[^\w-]/g,
    (char) => `=${char === "%" ? "" : char.charCodeAt(0).toString(16)}`,
  );
  return { stream: `${prefix}-flow-${name}`, subject: `${prefix}.flow.${name}`, takeover: `${prefix}.take.${name}` };
}

/** Creates the stream if it does not exist. */
export async function ensure(
  manager: JetStreamManager,
  { stream, subject }: FlowStream,
  options: KeepingOptions,
): Promise<void> {
  try {
    await manager.streams.info(stream);
  } catch (error) {
    if (!isNoStream(error)) throw error;
    const { storage = "file", replicas = 1 } = options;
    const stored = { storage, num_replicas: replicas, duplicate_window: nanos(WINDOW) } as const;
    await manager.streams.add({ name: stream, subjects: [subject], ...stored });
  }
}

/** Milliseconds for which a server detects duplicates by id: short, as the fixed sequences already prevent them. */
const WINDOW = 100;
/** Milliseconds without a record after which reading has failed. */
const SILENT = 5000;

/** Reads the contents of the stream; foreign records are skipped. Rejects if the server does not deliver them. */
export async function readAll(
  client: NatsConnection,
  manager: JetStreamManager,
  { stream }: FlowStream,
): Promise<Found> {
  const { state } = await manager.streams.info(stream);
  const last = state.last_seq;
  const pieces: KeptLog["found"][number][] = [];
  if (state.messages === 0) return { pieces, last };
  const consumer = await jetstream(client).consumers.get(stream);
  const reader = new FrameReader();
  const messages = await consumer.consume();
  let isComplete = false;
  const silent = setTimeout(() => messages.stop(), SILENT);
  for await (const { data, seq, headers, info } of messages) {
    silent.refresh();
    if (isFrameId(headers?.get(ID))) {
      const records = reader.read(data)?.filter(Array.isArray) as KeptRecord[] | undefined;
      if (records !== undefined) pieces.push({ sequence: seq, bytes: data.length, records });
    }
    isComplete = seq >= last || info.pending === 0;
    if (isComplete) break;
  }
  clearTimeout(silent);
  await consumer.delete().catch(() => {});
  if (!isComplete) throw new Error(`the stream ${stream} cannot be read to its end`);
  return { pieces, last };
}
