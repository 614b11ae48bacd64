import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, raritiesOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { type Hop, type HopEnd, type HopTracer, hopTracer } from "./hop-tracer.js";

/** Spans of the messages in flight of one incarnation. */
export class Hops {
  readonly #kernelId: string;
  readonly #stage: string | null;
  readonly #hops = new Map<AnyMessage, Hop>();

  constructor(kernelId: string, stage: string | undefined) {
    this.#kernelId = kernelId;
    this.#stage = stage ?? null;
  }

  begin(message: AnyMessage, tracer: HopTracer): void {
    const { trace } = raritiesOf(message) ?? { trace: undefined };
    const hop = tracer.begin({ kernelId: this.#kernelId, stage: this.#stage, message, trace });
    if (hop !== undefined) this.#hops.set(message, hop);
  }

  /** Calls a body for a message. */
  run<T>(message: AnyMessage, body: () => T): T {
    const hop = this.#hops.get(message);
    return hop === undefined ? body() : hop.run(body);
  }

  /** Gives a message the trace context of its cause's span. */
  carried(message: AnyMessage, cause: AnyMessage | undefined): AnyMessage {
    const trace = cause && this.#hops.get(cause)?.trace;
    if (trace === undefined || raritiesOf(message)?.trace === trace) return message;
    return copyMessage(message, { ...envelopeOf(message), trace });
  }

  failed(message: AnyMessage | undefined, error: AnyRinglineError): void {
    if (message !== undefined) this.#hops.get(message)?.failed(error);
  }

  end(message: AnyMessage, how: HopEnd): void {
    this.#hops.get(message)?.end(how);
    this.#hops.delete(message);
  }

  /** Ends the spans of messages that are still in flight; others settle them. */
  endAll(): void {
    for (const hop of this.#hops.values()) hop.end("requeued");
    this.#hops.clear();
  }
}

/** A message of the host's, as part of what the host is doing, unless it says otherwise. */
export function entering(message: AnyMessage): AnyMessage {
  if (hopTracer === undefined || raritiesOf(message)?.trace !== undefined) return message;
  const trace = hopTracer.current();
  return trace === undefined ? message : copyMessage(message, { ...envelopeOf(message), trace });
}
