import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, optionalHeadersOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { type MessageSpan, type MessageSpanEnd, type MessageTracer, messageTracer } from "./message-tracer.js";

/** Spans of the messages in flight of one incarnation. */
export class Spans {
  readonly #kernelId: string;
  readonly #stage: string | null;
  readonly #spans = new Map<AnyMessage, MessageSpan>();

  constructor(kernelId: string, stage: string | undefined) {
    this.#kernelId = kernelId;
    this.#stage = stage ?? null;
  }

  begin(message: AnyMessage, tracer: MessageTracer): void {
    const { trace } = optionalHeadersOf(message) ?? { trace: undefined };
    const span = tracer.begin({ kernelId: this.#kernelId, stage: this.#stage, message, trace });
    if (span !== undefined) this.#spans.set(message, span);
  }

  /** Calls a body within the span of its message. */
  run<T>(message: AnyMessage, body: () => T): T {
    const span = this.#spans.get(message);
    return span === undefined ? body() : span.run(body);
  }

  /** Gives a message the trace context of its cause's span. */
  carried(message: AnyMessage, cause: AnyMessage | undefined): AnyMessage {
    const trace = cause && this.#spans.get(cause)?.trace;
    if (trace === undefined || optionalHeadersOf(message)?.trace === trace) return message;
    return copyMessage(message, { ...envelopeOf(message), trace });
  }

  failed(message: AnyMessage | undefined, error: AnyRinglineError): void {
    if (message !== undefined) this.#spans.get(message)?.failed(error);
  }

  end(message: AnyMessage, how: MessageSpanEnd): void {
    this.#spans.get(message)?.end(how);
    this.#spans.delete(message);
  }

  /** Ends the spans of messages that are still in flight and are settled outside this incarnation. */
  endAll(): void {
    for (const span of this.#spans.values()) span.end("requeued");
    this.#spans.clear();
  }
}

/** Adds the host's current trace context to a message, unless the message has one. */
export function entering(message: AnyMessage): AnyMessage {
  if (messageTracer === undefined || optionalHeadersOf(message)?.trace !== undefined) return message;
  const trace = messageTracer.current();
  return trace === undefined ? message : copyMessage(message, { ...envelopeOf(message), trace });
}
