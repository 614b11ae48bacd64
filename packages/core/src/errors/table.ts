import type { KernelState } from "../runtime/kernel-state.js";

/** What a schema finds wrong. Spelled out, not taken from the spec's package, which users' declarations must not mention. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the body. */
  readonly path?: readonly PropertyKey[] | undefined;
}

/**
 * The one table: code → details. The error classes, their union and the documentation come from it.
 * Codes and details survive threads and processes.
 */
export interface ErrorTable {
  // waiting
  /**
   * A message came to a full queue with `backpressure: "reject"`, or found too many senders waiting; or a request was
   * dropped by `"drop-oldest"`.
   */
  QUEUE_FULL: { queueSize: number };
  /** A wait lasted longer than its `timeout`. */
  TIMEOUT: { operation: string; timeout: number };
  /** The `signal` of a wait aborted, or had before it began. */
  ABORTED: { operation: string };
  /**
   * A kernel, or the runtime, has been ended or is about to be, and takes and gives nothing more; the reason of what it
   * leaves in its queues.
   */
  TERMINATED: { operation: string };
  /**
   * Dead letter: the loop over a flow's `process()` was left, or its source failed, while the message was in flight.
   */
  CANCELLED: { flow: string };
  /** A request was filtered, or consumed by a kernel that sent no answer. */
  NO_REPLY: { consumedBy: string };
  /** Dead letter: an answer came when nobody waited for it any more. */
  LATE_REPLY: { asker: string };
  /**
   * Dead letter: the deadline of a message was over before it was processed: its own `expiresIn`, that of what caused
   * it, or the `timeout` of the request it belongs to; also for who asks in the name of such a message.
   */
  EXPIRED: { late: number };
  // kernels and ports
  /** A transition that the kernel's state does not allow. */
  KERNEL_STATE: { state: KernelState; wanted: KernelState };
  /** An id that no launched kernel has, or at `launch` none of the runtime's `kernels`. */
  KERNEL_UNKNOWN: { known: readonly string[] };
  /** A launch under an id that is in use, by a kernel or (`null`) by a running flow. */
  KERNEL_EXISTS: { backend: string | null };
  /** A body threw something that is no error of Ringline, or the kernel that was to process a message has failed. */
  KERNEL_FAILED: { restarts: number };
  /** A place cannot load the kernel: it names no module, or the module cannot be loaded or lacks the kernel. */
  MODULE_MISSING: { module: string | null };
  /** A message, or the type that should make one, is of another copy or version of `@ringline/core` than the runtime. */
  CORE_TWICE: { type: string };
  /** `createRuntime` was called by a module that a place is loading for its kernels. */
  RUNTIME_IN_KERNEL_MODULE: { module: string };
  /** `receive` from a kernel whose output goes to others, or a second link that does not say how they share. */
  PORT_LINKED: { to: readonly string[] };
  // topologies and flows
  /** A pipeline or graph that cannot run as it is written; `problem` says why. */
  INVALID_TOPOLOGY: { topology: string; nodes: readonly string[]; problem: string };
  /** A second `process()` on a flow whose first has not ended. */
  FLOW_BUSY: { flow: string };
  /** Another program runs the durable flow of this name: its inputs are done there. */
  FLOW_TAKEN: { flow: string };
  /**
   * The wait for a durable flow to keep a message was over, and the message was on its way: whether it is done cannot be
   * known. Sent again with the same `key`, it is done once.
   */
  IN_DOUBT: { operation: string; flow: string };
  /** Dead letter: none of the routes of a node says yes to the message. */
  NO_ROUTE: { node: string };
  /**
   * Dead letter: a branch of a join passed without a message (at once), or the join's `timeout` was over before each
   * had sent one.
   */
  JOIN_INCOMPLETE: { node: string; missing: readonly string[] };
  // input
  /** A message of a type that the kernel does not take or send, or two kernels that do not fit together. */
  TYPE_MISMATCH: { wanted: readonly string[]; got: string };
  /** A body that fails its schema or uses a header's name, or foreign data with a wrong header. */
  INVALID_MESSAGE: { type: string; issues: readonly SchemaIssue[] };
  /** An option or argument out of its range, of the wrong kind, or unknown; an asynchronous schema. */
  INVALID_ARGUMENT: { argument: string; value: unknown };
  /** A message holds something that cannot be copied, at `path`. */
  SERIALIZATION: { path: string };
  // backends
  /** A kernel needs what the manifest of its backend does not list. */
  UNSUPPORTED: { backend: string; capability: string };
  /** A backend cannot start here. */
  BACKEND_UNAVAILABLE: { backend: string };
  /** What was only on a device is gone with it. */
  DEVICE_LOST: { reason: string };
  /**
   * A thread that runs kernels ended, or did not answer for too long; `reason` has its exit code, the limit that it reached, or
   * what was thrown there. `suspects`: the kernels that have most likely ended it; none where nobody knows.
   */
  THREAD_LOST: { thread: number; reason: string; suspects: readonly string[] };
  /** A machine or process that runs kernels ended, or could not be reached for too long; they may live on elsewhere. */
  HOST_LOST: { host: string; reason: string };
}

export type ErrorCode = keyof ErrorTable;

/** How one code reads: what happened, and what to do about it. */
interface Wording<Details> {
  readonly text: (details: Details, kernelId: string | null, cause?: unknown) => string;
  readonly remedy: string;
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ") || "none";
const named = (kernelId: string | null) => (kernelId === null ? "" : ` "${kernelId}"`);
const of = (kernelId: string | null) => (kernelId === null ? "" : ` of "${kernelId}"`);

export const wordings: { readonly [Code in ErrorCode]: Wording<ErrorTable[Code]> } = {
  QUEUE_FULL: {
    text: (d, k) => `The queue${of(k)} is full (${d.queueSize} messages).`,
    remedy: 'Slow the sender down, raise `queueSize`, or use `backpressure: "block"` and await each send.',
  },
  TIMEOUT: {
    text: (d, k) => `${d.operation}${k === null ? "" : ` on "${k}"`} timed out after ${d.timeout} ms.`,
    remedy:
      "Allow more time with `timeout`; see whether the kernel is active, and by telemetry() what it is busy with.",
  },
  ABORTED: {
    text: (d, k) => `${d.operation}${k === null ? "" : ` on "${k}"`} was aborted by its signal.`,
    remedy: "Nothing to mend where the abort was meant; the signal's reason is the cause.",
  },
  TERMINATED: {
    text: (d, k) => `${d.operation}: ${k === null ? "it" : `"${k}"`} is terminated or about to be.`,
    remedy: "Launch the kernel again, or stop using it before it is terminated.",
  },
  CANCELLED: {
    text: (d) => `Flow "${d.flow}" was cancelled before the message was done.`,
    remedy: "Nothing to mend where the cancel was meant: the loop over `process()` was left, or its source failed.",
  },
  NO_REPLY: {
    text: (d) => `"${d.consumedBy}" is done with the request and did not answer it.`,
    remedy: 'Return or send a message for each request; a `run` body that answers later needs `ack: "manual"`.',
  },
  LATE_REPLY: {
    text: (d) => `The answer came after ${d.asker} had stopped waiting for it.`,
    remedy: "Allow the request more time, or answer sooner.",
  },
  EXPIRED: {
    text: (d) => `The message came ${Math.ceil(d.late)} ms after its deadline, or was not done by then.`,
    remedy: "Allow more time with `expiresIn` or the `timeout` of the request, or give the kernel fewer messages.",
  },
  KERNEL_STATE: {
    text: (d, k) => `Kernel${named(k)} is ${d.state}; this call cannot make it ${d.wanted}.`,
    remedy:
      "Call activate() on a launched kernel, deactivate() on an active one, reactivate() on a deactivated one; launch an ended one anew.",
  },
  KERNEL_UNKNOWN: {
    text: (d, k) => `There is no kernel "${k}". Known: ${quoted(d.known)}.`,
    remedy: "Launch it first, pass it in `createRuntime({ kernels })`, or correct the id.",
  },
  KERNEL_EXISTS: {
    text: (d, k) =>
      d.backend === null ? `A running flow is named "${k}".` : `Kernel "${k}" is launched already (on "${d.backend}").`,
    remedy: 'Launch a copy under another id: `launch(kernel.as("other"))` or `launch(kernel, { id: "other" })`.',
  },
  KERNEL_FAILED: {
    text: (_, k, cause) => {
      if (cause === undefined) return `Kernel${named(k)} failed.`;
      return isOfPlace(cause)
        ? `Kernel${named(k)} failed: ${cause.message}`
        : `Kernel${named(k)} threw ${inWords(cause)}`;
    },
    remedy: "See `cause` for what the kernel threw, and `onError` and `supervise` for what happens then.",
  },
  MODULE_MISSING: {
    text: (d, k, cause) =>
      d.module === null
        ? `Kernel "${k}" names no module to load it from.`
        : cause === undefined
          ? `Module ${d.module} does not export a kernel with the id "${k}".`
          : `Module ${d.module} cannot be loaded: ${inWords(cause)}`,
    remedy: "Export the kernel from its own file and define it with `module: import.meta.url`.",
  },
  CORE_TWICE: {
    text: (d, k) =>
      `The message of type "${d.type}"${k === null ? "" : ` for "${k}"`} was made by another copy of @ringline/core than the runtime's.`,
    remedy:
      "Install one version of @ringline/core: `npm ls @ringline/core` shows where each copy is; kernels, backends and the program have to find the same.",
  },
  RUNTIME_IN_KERNEL_MODULE: {
    text: (d) => `Kernel module ${d.module} creates a runtime while it is loaded.`,
    remedy: "Move the kernels to a file of their own, which creates no runtime.",
  },
  PORT_LINKED: {
    text: (d, k) => `The output${of(k)} is linked to ${quoted(d.to)}.`,
    remedy: 'Receive from the last kernel of the chain; a second link says `mode: "broadcast"` or `"round-robin"`.',
  },
  INVALID_TOPOLOGY: {
    text: (d) => `Topology "${d.topology}" cannot run: ${d.problem}.`,
    remedy: "Change the topology at the nodes in `details.nodes`; `describe().mermaid` draws it.",
  },
  FLOW_BUSY: {
    text: (d) => `Flow "${d.flow}" is processing a source already.`,
    remedy: "Await the end of the first `process()`, or run the topology twice.",
  },
  FLOW_TAKEN: {
    text: (d) => `Flow "${d.flow}" runs in another program now, which has taken over what is kept of it.`,
    remedy: "Run a durable topology in one program at a time; give a second one another name.",
  },
  IN_DOUBT: {
    text: (d) =>
      `${d.operation}: flow "${d.flow}" did not say in time whether it keeps the message, which is under way.`,
    remedy: "Send the message again with the same `key` or id, which is accepted once; allow more time with `timeout`.",
  },
  NO_ROUTE: {
    text: (d) => `No route of "${d.node}" takes the message.`,
    remedy: "Add a route for such messages: `otherwise` takes the rest.",
  },
  JOIN_INCOMPLETE: {
    text: (d) => `Join "${d.node}" gave up on an input: nothing came from ${quoted(d.missing)}.`,
    remedy: "Allow more time with the join's `timeout`; see why the branches in `details.missing` sent nothing in it.",
  },
  TYPE_MISMATCH: {
    text: (d, k) =>
      `A message of type "${d.got}" does not fit${k === null ? "" : ` "${k}"`}: wanted ${quoted(d.wanted)}.`,
    remedy: "Send one of the wanted types, or declare this one in the kernel's `input` or `output`.",
  },
  INVALID_MESSAGE: {
    text: (d) =>
      `Not a valid ${d.type}: ${d.issues.map((issue) => `${pathText(issue)}${issue.message}`).join("; ") || "no message"}.`,
    remedy: "Correct the fields named in `details.issues`.",
  },
  INVALID_ARGUMENT: {
    text: (d, k) => `\`${d.argument}\`${of(k)} cannot be ${show(d.value)}.`,
    remedy: "See the documentation of the option for its range.",
  },
  SERIALIZATION: {
    text: (d) =>
      d.path === ""
        ? "It cannot be copied: it is something that does not travel."
        : `It cannot be copied: its field ${d.path} holds something that does not travel.`,
    remedy: "Send plain data: no functions, symbols, class instances with behaviour, or sockets.",
  },
  UNSUPPORTED: {
    text: (d) => `Backend "${d.backend}" does not support ${d.capability}.`,
    remedy: "Launch the kernel on a backend whose manifest lists the capability.",
  },
  BACKEND_UNAVAILABLE: {
    text: (d) => `Backend "${d.backend}" cannot start.`,
    remedy: "See `cause` for what is missing.",
  },
  DEVICE_LOST: {
    text: (d) => `A device was lost: ${d.reason}.`,
    remedy: "What was only there has to be made again; kernels restart by their policy.",
  },
  THREAD_LOST: {
    text: (d) => `Thread ${d.thread} is lost: ${d.reason}.`,
    remedy:
      "Kernels with supervise: { restart } begin again on another thread; see `details.suspects` for what ended this one.",
  },
  HOST_LOST: {
    text: (d) => `Host "${d.host}" is lost: ${d.reason}.`,
    remedy:
      "Kernels with supervise: { restart } begin again on another host; add hosts, or look at what ended this one.",
  },
};

/** What happened to the place of a kernel: the kernel itself threw nothing. */
const OF_PLACES = ["THREAD_LOST", "HOST_LOST", "DEVICE_LOST", "BACKEND_UNAVAILABLE", "MODULE_MISSING"];

function isOfPlace(cause: unknown): cause is Error {
  try {
    return cause instanceof Error && OF_PLACES.includes((cause as { code?: unknown }).code as string);
  } catch {
    return false;
  }
}

/** A thrown value, which may be anything. */
function inWords(cause: unknown): string {
  try {
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : `${show(cause)}.`;
  } catch {
    return "something that cannot be shown.";
  }
}

function pathText(issue: SchemaIssue): string {
  const path = issue.path?.map(String).join(".");
  return path ? `${path}: ` : "";
}

/** A value in words. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "this array" : "this object";
  return typeof value === "function" ? "a function" : String(value);
}
