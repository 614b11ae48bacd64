import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Link, Wire } from "@ringline/remote";

/** Announces a segment of a log to its reader and to the host, or the end of its use. */
export interface SegmentEvent {
  /** Index of the reader's log. */
  readonly log: number;
  readonly id: number;
  /** Missing if the segment is no longer used. */
  readonly memory?: SharedArrayBuffer;
}

/** A wire over a MessagePort of Node. */
export class NodeWire implements Wire {
  readonly #port: MessagePort;
  readonly #take: (message: unknown) => void;

  /** `take` receives every message, including wake-ups (0). */
  constructor(port: MessagePort, take: (message: unknown) => void) {
    this.#port = port;
    this.#take = take;
    port.on("message", take);
  }

  post(message: unknown, transfer: readonly unknown[] = []): void {
    this.#port.postMessage(message, transfer as MessagePort[]);
  }

  pump(): void {
    for (let one = receiveMessageOnPort(this.#port); one !== undefined; one = receiveMessageOnPort(this.#port)) {
      if (one.message === 0)
        setImmediate(this.#take, 0); // the caller of `pump` is reading already
      else this.#take(one.message);
    }
  }

  close(): void {
    this.#port.close();
  }
}

export function takeEvents(news: SegmentEvent, reader: Link["reader"]): void {
  if (news.memory === undefined) reader.forget(news.id);
  else reader.add(news.id, news.memory);
}
