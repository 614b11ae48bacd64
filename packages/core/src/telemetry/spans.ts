import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf, optionalHeadersOf } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";

/** Start of the processing of one message by one kernel. */
export interface MessageSpanStart {
  readonly kernelId: string;
  /** Name of the stage, if the kernel is one. */
  readonly stage: string | null;
  readonly message: Header;
  /** Trace context, as a W3C `traceparent`; undefined without one. */
  readonly trace: string | undefined;
}

/** End of a span: the message was done, became a dead letter, or is redelivered. */
export type MessageSpanEnd = "done" | "dead-lettered" | "requeued";

/** A span of a message under way, as a tracer keeps it. */
export interface MessageSpan {
  /** Trace context for the effects of the message, as a W3C `traceparent`. */
  readonly trace: string;
  /** Calls the body of a `handle` kernel. */
  run<T>(body: () => T): T;
  /** Reports a failed attempt; others may follow. */
  failed(error: AnyRinglineError): void;
  /** Ends the span; called once. */
  end(how: MessageSpanEnd): void;
}

/** Tracer of messages from kernel to kernel, in one thread. Its methods must not throw. */
export interface MessageTracer {
  /** Trace context of the caller, as a W3C `traceparent`: messages from the host carry it. Undefined for none. */
  current(): string | undefined;
  /** Starts a span for a message that a kernel begins to process. Undefined if the message is not traced. */
  begin(span: MessageSpanStart): MessageSpan | undefined;
}

/** Tracer of this thread; undefined without one, so that tracing costs nothing. */
export let messageTracer: MessageTracer | undefined;

/**
 * Sets the tracer of this thread. Threads and processes of backends need their own, set by a module that they import.
 * The latest tracer replaces earlier ones. Returns a function that removes it.
 */
export function setMessageTracer(tracer: MessageTracer): () => void {
  messageTracer = tracer;
  return () => {
    if (messageTracer === tracer) messageTracer = undefined;
  };
}

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
