import type { DeviceTelemetry, ErrorCode, KernelState, Latency, Ledger } from "@ringline/core";

/** Percentiles in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Waits of a node: the target, the node that can end the wait (null: any), and their number. */
export interface NodeWait {
  readonly for: "input" | "answer" | "output" | "room" | "reader" | "activation" | "timer";
  readonly on: string | null;
  readonly count: number;
}

/** A kernel, the workers of a stage together, or another node of a flow. */
export interface NodeView {
  /** Id of the kernel, or `flow.node`. */
  readonly id: string;
  /** Short name: of the stage or node, or the id of a kernel outside flows. */
  readonly name: string;
  readonly flow: string | null;
  readonly kind: "kernel" | "filter" | "route" | "merge" | "join" | "batch";
  /** Ids of its kernels; more than one for a stage with workers, none for a node that is no kernel. */
  readonly kernels: readonly string[];
  readonly backend: string | null;
  /** Numbers of the threads it runs on; empty on the event loop and on other hosts. */
  readonly threads: readonly number[];
  /** Name of the device; null without one. */
  readonly device: string | null;
  /** The state of its kernels; "mixed" if they differ, null for a node that is no kernel. */
  readonly state: KernelState | "mixed" | null;
  readonly accepts: readonly string[];
  readonly sends: readonly string[];
  readonly capacity: number;
  readonly queued: number;
  readonly inHand: number;
  readonly parked: number;
  /** Messages done per second, lately. */
  readonly rate: number;
  /** Deliveries and outputs per second since the last refresh; null at the first one. */
  readonly inRate: number | null;
  readonly outRate: number | null;
  /** Share of the time, 0 to 1, that its workers had a message in flight; an estimate from the sampled times. */
  readonly utilization: number;
  readonly processed: number;
  readonly errors: number;
  readonly deadLettered: number;
  readonly dropped: number;
  readonly rejected: number;
  readonly restarts: number;
  readonly wait: Percentiles;
  readonly processing: Percentiles;
  readonly waits: readonly NodeWait[];
}

export interface EdgeView {
  /** Id of a node; `flow>in` for the input of a flow. */
  readonly from: string;
  /** Id of a node; `flow>out` for the output of a flow. */
  readonly to: string;
  readonly label: string | null;
  readonly kind: "flow" | "link" | "peer";
}

export interface FlowView {
  readonly id: string;
  readonly inFlight: number;
  readonly waitingSenders: number;
  readonly unread: number;
  readonly rate: number;
  readonly latency: Percentiles;
  /** Id of the node that holds up the others; null if none does. */
  readonly bottleneck: string | null;
  readonly holds: readonly { readonly node: string; readonly messages: number }[];
  readonly mermaid: string;
}

/** The reason why something stands still or is slow, in words. */
export interface Story {
  readonly kind: "stall" | "slow" | "circle";
  /** The node that causes the delay. */
  readonly root: string;
  /** Nodes from the one that waits first to the root. */
  readonly path: readonly string[];
  /** One clause for each hop. */
  readonly clauses: readonly string[];
  /** The clauses as one sentence. */
  readonly text: string;
  /** Since when, in epoch milliseconds; null if that is unknown. */
  readonly since: number | null;
  /** Further nodes that wait for the same root. */
  readonly others: readonly string[];
  /** A remedy. */
  readonly advice: string;
}

export interface EventView {
  /** Number of the event, from 1. */
  readonly n: number;
  readonly at: number;
  readonly kind:
    | "error"
    | "deadLetter"
    | "state"
    | "drop"
    | "restart"
    | "log"
    | "stalled"
    | "device"
    | "connection"
    | "recovered"
    | "relocated"
    | "act";
  /** Id of the kernel, flow or backend; null for an action without a target. */
  readonly subject: string | null;
  readonly text: string;
  /** Number of similar events within a second, which count as one. */
  readonly count: number;
  /** Stack of an error, with its causes. */
  readonly stack: string | null;
}

export interface LetterGroup {
  readonly kernelId: string;
  readonly stage: string | null;
  readonly reason: ErrorCode;
  readonly count: number;
  readonly oldest: number;
  readonly newest: number;
  /** The newest error in one line. */
  readonly error: string;
}

export interface LetterView {
  /** Number that identifies the letter in requests. */
  readonly ref: number;
  readonly at: number;
  readonly kernelId: string;
  readonly stage: string | null;
  readonly reason: ErrorCode;
  readonly attempts: number;
  readonly type: string;
  readonly messageId: string;
  readonly error: string;
  /** The beginning of the body, as JSON. */
  readonly preview: string;
}

export interface LetterDetail extends LetterView {
  /** The whole message as JSON, with its type. */
  readonly message: string;
  /** True if the message is whole, so that it can be edited and sent. */
  readonly isWhole: boolean;
  readonly correlationId: string | null;
  readonly priority: number;
  readonly remedy: string;
  /** Error and causes, outermost first. */
  readonly causes: readonly { readonly name: string; readonly message: string; readonly stack: string | null }[];
}

/** The complete state of a runtime at one moment. */
export interface Picture {
  /** Time of the picture, in epoch milliseconds. */
  readonly at: number;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly edges: readonly EdgeView[];
  readonly flows: readonly FlowView[];
  readonly stories: readonly Story[];
}

/** A message to a viewer after each refresh: the changes since the previous one. */
export interface Tick {
  readonly at: number;
  /** True if `nodes` is the complete list. */
  readonly isWhole: boolean;
  readonly nodes: readonly NodeView[];
  /** Ids of nodes that are gone. */
  readonly gone: readonly string[];
  /** Omitted if unchanged. */
  readonly edges?: readonly EdgeView[];
  readonly flows: readonly FlowView[];
  readonly stories: readonly Story[];
  readonly events: readonly EventView[];
  readonly letters: { readonly size: number; readonly evicted: number; readonly groups: readonly LetterGroup[] };
  readonly viewers: number;
  /** Milliseconds until the next refresh. */
  readonly every: number;
  /** Number of inputs of which one is traced; 0 for none. */
  readonly tracing: number;
}

/** One stage or kernel with all details. */
export interface StageDetail {
  readonly at: number;
  readonly node: NodeView;
  readonly ledger: { readonly input: Ledger; readonly output: Ledger };
  readonly wait: Latency;
  readonly processing: Latency;
  readonly workers: readonly {
    readonly id: string;
    readonly state: KernelState;
    readonly backend: string;
    readonly thread: number | null;
    readonly threadUtilization: number | null;
    readonly queued: number;
    readonly inHand: number;
    readonly processed: number;
    readonly restarts: number;
    readonly rate: number;
  }[];
  readonly backpressure: string;
  readonly links: readonly string[];
  readonly peers: readonly string[];
  readonly device: DeviceTelemetry | null;
  /** Restarts, errors and logs, latest first. */
  readonly events: readonly EventView[];
}

/** A part of a trace: the host's send, or the work of one kernel on one message. */
export interface SpanView {
  readonly messageId: string;
  readonly causeId: string | null;
  readonly type: string;
  readonly kernelId: string;
  readonly stage: string | null;
  /** Epoch milliseconds, with fractions. */
  readonly start: number;
  /** Null while it is under way. */
  readonly end: number | null;
  readonly outcome: "done" | "dead-lettered" | "requeued" | null;
  readonly error: string | null;
}

export interface TraceView {
  readonly id: string;
  /** Time of the entry, in epoch milliseconds; null if it was not seen. */
  readonly entered: number | null;
  readonly spans: readonly SpanView[];
}

/** An action that viewers may request. */
export interface ActView {
  readonly name: string;
  readonly label: string;
  /** Targets of the action. */
  readonly on: "flow" | "kernel" | "letters";
  /** Confirmation text of an action that cannot be undone; null for none. */
  readonly question: string | null;
}

/** The first message to a viewer. */
export interface Hello {
  readonly title: string;
  readonly pid: number;
  readonly started: number;
  readonly canWrite: boolean;
  readonly acts: readonly ActView[];
  readonly backends: readonly string[];
}
