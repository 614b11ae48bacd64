import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { traceMessages } from "@ringline/opentelemetry";

/**
 * A span as it is told to whoever looks, in this thread or another.
 * @typedef {{
 *   name: string, id: string, parent: string | undefined, trace: string,
 *   attributes: Readonly<Record<string, unknown>>, status: number, events: readonly string[],
 * }} Told
 */

/** @param {import("@opentelemetry/sdk-trace-base").ReadableSpan} span */
const toldOf = (span) => ({
  name: span.name,
  id: span.spanContext().spanId,
  parent: span.parentSpanContext?.spanId,
  trace: span.spanContext().traceId,
  attributes: span.attributes,
  status: span.status.code,
  events: span.events.map(({ name }) => name),
});

/**
 * Sets up this thread as a program does: a provider, which exports, and the bridge.
 * @param {(span: Told) => void} tell
 */
export function setUp(tell) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = {
    /** @param {readonly import("@opentelemetry/sdk-trace-base").ReadableSpan[]} spans */
    export: (spans) => {
      for (const span of spans) tell(toldOf(span));
    },
    shutdown: async () => {},
  };
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  traceMessages();
}
