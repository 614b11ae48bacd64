import {
  type AnyRinglineError,
  type MessageSpan,
  type MessageSpanEnd,
  type MessageSpanStart,
  type MessageTracer,
  setMessageTracer,
} from "@ringline/core";
import { messageTracer } from "@ringline/core/internal";
import type { SpanView, TraceView } from "./model.js";

/** First half of the ids of traces that viewers began; threads recognize such traces by it. */
const MARK = "72696e676c696e65";
/** Maximum number of traces that are kept, and of spans of one trace. */
const MOST_TRACES = 200;
const MOST_SPANS = 1000;
/** Name of the channel between the threads of a process. */
const CHANNEL = "ringline-devtools";

type Span = { -readonly [Name in keyof SpanView]: SpanView[Name] };
interface Trace {
  readonly id: string;
  readonly entered: number | null;
  readonly spans: Map<string, Span>;
}
type Told = { readonly traceId: string; readonly span: SpanView };

const now = () => performance.timeOrigin + performance.now();
const hex = (digits: number) =>
  Array.from({ length: digits / 8 }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
const traceIdOf = (traceparent: string) => traceparent.slice(3, 35);

/**
 * Follows one message in a given number through the kernels of this thread, and of threads that call `traceThread`. A tracer
 * that was set before keeps its spans.
 */
export class Tracing {
  readonly #traces = new Map<string, Trace>();
  #every = 0;
  #inputs = 0;
  #stop: (() => void) | undefined;
  #channel: BroadcastChannel | undefined;

  /** Number of inputs of which one is followed; 0 for none. */
  get every(): number {
    return this.#every;
  }

  /** Follows one input in `every` from now on; 0 stops. */
  sample(every: number): void {
    this.#every = every;
    this.#inputs = 0;
    this.#stop?.();
    this.#stop = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    if (every === 0) return;
    const before = messageTracer;
    this.#stop = setMessageTracer(
      new SamplingTracer(
        before,
        () => this.#begin(),
        (told) => this.#told(told),
      ),
    );
    const undo = this.#stop;
    this.#stop = () => {
      undo();
      if (before !== undefined && messageTracer === undefined) setMessageTracer(before);
    };
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isTold(data)) this.#told(data);
    };
    (this.#channel as { unref?(): void }).unref?.();
  }

  /** Latest first. */
  list(): { id: string; at: number; type: string; kernelId: string; took: number; spans: number; isFailed: boolean }[] {
    return [...this.#traces.values()]
      .filter(({ spans }) => spans.size > 0)
      .map(({ id, entered, spans }) => {
        const all = [...spans.values()];
        const first = all.reduce((a, b) => (b.start < a.start ? b : a));
        const start = entered ?? first.start;
        const took = Math.max(...all.map(({ start, end }) => end ?? start)) - start;
        const isFailed = all.some(({ outcome }) => outcome === "dead-lettered");
        return { id, at: start, type: first.type, kernelId: first.kernelId, took, spans: all.length, isFailed };
      })
      .reverse();
  }

  /** A trace by its id, or by that of one of its messages. */
  find(id: string): TraceView | undefined {
    const has = ({ spans }: Trace) => [...spans.values()].some(({ messageId }) => messageId === id);
    const trace = this.#traces.get(id) ?? [...this.#traces.values()].find(has);
    if (trace === undefined) return undefined;
    return { id: trace.id, entered: trace.entered, spans: [...trace.spans.values()].sort((a, b) => a.start - b.start) };
  }

  /** Decides if an input is followed; returns its trace id if so. */
  #begin(): string | undefined {
    if (this.#inputs++ % this.#every !== 0) return undefined;
    const id = MARK + hex(16);
    this.#open(id, now());
    return id;
  }

  #open(id: string, entered: number | null): Trace {
    const trace: Trace = { id, entered, spans: new Map() };
    this.#traces.set(id, trace);
    for (const oldest of this.#traces.keys()) {
      if (this.#traces.size <= MOST_TRACES) break;
      this.#traces.delete(oldest);
    }
    return trace;
  }

  #told({ traceId, span }: Told): void {
    const { spans } = this.#traces.get(traceId) ?? this.#open(traceId, null);
    if (spans.size < MOST_SPANS) spans.set(`${span.messageId} ${span.kernelId} ${span.start}`, span);
  }

  close(): void {
    this.sample(0);
    this.#traces.clear();
  }
}

/**
 * Reports the traced messages of this thread to the thread that created the runtime. Kernels on threads are followed if
 * a module that their thread loads calls it. Returns a function that ends it.
 */
export function traceThread(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  (channel as { unref?(): void }).unref?.();
  const stop = setMessageTracer(
    new SamplingTracer(
      messageTracer,
      () => undefined,
      (told) => channel.postMessage(told),
    ),
  );
  return () => {
    stop();
    channel.close();
  };
}

function isTold(data: unknown): data is Told {
  const { traceId, span } = (data ?? {}) as Partial<Told>;
  return typeof traceId === "string" && typeof span?.messageId === "string" && typeof span.start === "number";
}

class SamplingTracer implements MessageTracer {
  readonly #before: MessageTracer | undefined;
  readonly #sampled: () => string | undefined;
  readonly #tell: (told: Told) => void;

  constructor(before: MessageTracer | undefined, sampled: () => string | undefined, tell: (told: Told) => void) {
    this.#before = before;
    this.#sampled = sampled;
    this.#tell = tell;
  }

  current(): string | undefined {
    const outer = this.#before?.current();
    if (outer !== undefined) return outer; // a trace of the program's own tracer goes before
    const id = this.#sampled();
    return id === undefined ? undefined : `00-${id}-${hex(16)}-01`;
  }

  begin(start: MessageSpanStart): MessageSpan | undefined {
    const { trace } = start;
    if (trace === undefined || !traceIdOf(trace).startsWith(MARK)) return this.#before?.begin(start);
    const { messageId, correlationId: causeId, type } = start.message;
    const { kernelId, stage } = start;
    const span: Span = {
      messageId,
      causeId,
      type,
      kernelId,
      stage,
      start: now(),
      end: null,
      outcome: null,
      error: null,
    };
    const traceId = traceIdOf(trace);
    this.#tell({ traceId, span });
    return new ViewedSpan(trace, span, () => this.#tell({ traceId, span }));
  }
}

class ViewedSpan implements MessageSpan {
  readonly trace: string;
  readonly #span: Span;
  readonly #changed: () => void;

  constructor(trace: string, span: Span, changed: () => void) {
    this.trace = trace;
    this.#span = span;
    this.#changed = changed;
  }

  run<T>(body: () => T): T {
    return body();
  }

  failed(error: AnyRinglineError): void {
    this.#span.error = `${error.code}: ${error.message}`.slice(0, 500);
  }

  end(how: MessageSpanEnd): void {
    this.#span.end = now();
    this.#span.outcome = how;
    this.#changed();
  }
}
