import type { AnyRinglineError } from "../errors/ringline-error.js";
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
