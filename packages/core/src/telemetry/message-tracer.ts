import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Header } from "../messages/header.js";

/** One kernel at work on one message. */
export interface MessageSpanStart {
  readonly kernelId: string;
  /** In a flow. */
  readonly stage: string | null;
  readonly message: Header;
  /** Trace context, as a W3C `traceparent`; undefined without one. */
  readonly trace: string | undefined;
}

/** End of a span: the message was done, became a dead letter, or is redelivered. */
export type MessageSpanEnd = "done" | "dead-lettered" | "requeued";

export interface MessageSpan {
  /** A W3C `traceparent`, which what it causes carries. */
  readonly trace: string;
  /** Calls the body of a `handle` kernel. */
  run<T>(body: () => T): T;
  /** An attempt failed; others may follow. */
  failed(error: AnyRinglineError): void;
  /** Called once. */
  end(how: MessageSpanEnd): void;
}

/** A tracer of messages from kernel to kernel, in one thread. Its methods must not throw. */
export interface MessageTracer {
  /** Trace context of the caller, as a W3C `traceparent`: messages from the host carry it. Undefined for none. */
  current(): string | undefined;
  /** A kernel begins with a message. Undefined where it is not to be followed. */
  begin(span: MessageSpanStart): MessageSpan | undefined;
}

/** Of this thread; undefined while nobody follows messages, so that nothing is spent on it. */
export let messageTracer: MessageTracer | undefined;

/**
 * Has messages followed from kernel to kernel, in this thread: threads and processes of backends need it as well, by what
 * their modules import. One at a time; the last one counts. Returns what ends it.
 */
export function setMessageTracer(tracer: MessageTracer): () => void {
  messageTracer = tracer;
  return () => {
    if (messageTracer === tracer) messageTracer = undefined;
  };
}
