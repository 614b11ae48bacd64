import type { SpanContext } from "@opentelemetry/api";

/** As W3C writes it: version, trace, span, flags (https://www.w3.org/TR/trace-context/#traceparent-header). */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** Span context of a traceparent, which was checked when its message was made. */
export function spanContextOf(traceparent: string): SpanContext {
  const [, traceId, spanId, flags] = traceparent.split("-") as [string, string, string, string];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
