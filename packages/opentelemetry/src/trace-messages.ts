import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import {
  type MessageSpan,
  type MessageSpanEnd,
  type MessageSpanStart,
  type MessageTracer,
  setMessageTracer,
} from "@ringline/core";
import { spanContextOf, traceparentOf } from "./traceparent.js";

/** Options of the traces of messages. */
export interface TraceOptions {
  /**
   * Tracer that makes the spans.
   *
   * @default the tracer "@ringline/opentelemetry" of the global provider
   */
  readonly tracer?: Tracer | undefined;
}

/**
 * Makes a span for each hop of a message: from when a kernel begins with it until it is settled. Its parent is the hop
 * that caused the message, or what was active where the host sent it; a message that belongs to nothing begins a trace.
 * While a `handle` body runs, its span is the active one. For this thread: modules of kernels on other threads, and in
 * other processes, call it as well. Returns what ends it.
 */
export function traceMessages({ tracer = trace.getTracer("@ringline/opentelemetry") }: TraceOptions = {}): () => void {
  return setMessageTracer(new OtelTracer(tracer));
}

class OtelTracer implements MessageTracer {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  current(): string | undefined {
    const active = trace.getSpanContext(context.active());
    return active !== undefined && isSpanContextValid(active) ? traceparentOf(active) : undefined;
  }

  begin({ kernelId, stage, message, trace: parent }: MessageSpanStart): MessageSpan | undefined {
    const from = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
    const attributes = {
      "messaging.system": "ringline",
      "messaging.operation.type": "process",
      "messaging.operation.name": "process",
      "messaging.destination.name": kernelId,
      "messaging.message.id": message.messageId,
      "ringline.message.type": message.type,
      ...(stage !== null && { "ringline.stage": stage }),
      ...(message.correlationId !== null && { "messaging.message.conversation_id": message.correlationId }),
    };
    const span = this.#tracer.startSpan(`process ${kernelId}`, { kind: SpanKind.CONSUMER, attributes }, from);
    const own = span.spanContext();
    // without a provider there is no context to propagate
    return isSpanContextValid(own) ? new OtelSpan(span, trace.setSpan(from, span), traceparentOf(own)) : undefined;
  }
}

class OtelSpan implements MessageSpan {
  readonly trace: string;
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, inSpan: Context, traceparent: string) {
    this.#span = span;
    this.#context = inSpan;
    this.trace = traceparent;
  }

  run<T>(body: () => T): T {
    return context.with(this.#context, body);
  }

  failed(error: Error): void {
    this.#span.recordException(error);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }

  end(how: MessageSpanEnd): void {
    this.#span.setAttribute("ringline.outcome", how);
    if (how === "done") this.#span.setStatus({ code: SpanStatusCode.OK }); // also if an earlier attempt failed
    this.#span.end();
  }
}
