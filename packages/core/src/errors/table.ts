import type { KernelState } from "../runtime/kernel-state.js";

/** An issue that a schema reports. Declared here because users' declarations must not mention the package of the spec. */
export interface SchemaIssue {
  readonly message: string;
  /** Path of the field in the body. */
  readonly path?: readonly PropertyKey[] | undefined;
}

/**
 * All error codes with their details. The error classes, their union and the documentation are derived from this table.
 * Codes and details survive threads and processes.
 */
export interface ErrorTable {
  // waiting
  /**
   * A message reached a full queue with `backpressure: "reject"`, or too many senders were waiting already; or
   * `"drop-oldest"` dropped a request.
   */
  QUEUE_FULL: { queueSize: number };
  /** A call waited longer than its `timeout`. */
  TIMEOUT: { operation: string; timeout: number };
  /** The `signal` of a waiting call aborted, or was aborted before the call. */
  ABORTED: { operation: string };
  /**
   * A kernel or the runtime has been terminated, or is terminating, and neither accepts nor delivers messages. Also the
   * dead-letter reason of the messages that are left in its queues.
   */
  TERMINATED: { operation: string };
  /**
   * Dead letter: the loop over a flow's `process()` ended early, or its source failed, while the message was in flight.
   */
  CANCELLED: { flow: string };
  /** A request was filtered, or settled by a kernel that sent no answer. */
  NO_REPLY: { consumedBy: string };
  /** Dead letter: an answer arrived after its requester had stopped waiting. */
  LATE_REPLY: { requester: string };
  /**
   * Dead letter: a message passed its deadline before it was processed: its own `expiresIn`, the deadline of its cause,
   * or the `timeout` of its request. Also the error of a request that a kernel makes while it processes such a message.
   */
  EXPIRED: { late: number };
  /** Dead letter: an event came after the windows of its time had closed; times are those of events. */
  LATE_DATA: { time: number; watermark: number };
  // kernels and ports
  /** A transition that the kernel's state does not allow. */
  KERNEL_STATE: { state: KernelState; wanted: KernelState };
  /** No launched kernel has this id; for `launch`: none of the runtime's `kernels` has it. */
  KERNEL_UNKNOWN: { known: readonly string[] };
  /** A launch with an id that a kernel uses already or, with `backend: null`, a running flow. */
  KERNEL_EXISTS: { backend: string | null };
  /** A body threw an exception other than a Ringline error, or the kernel that was to process a message has failed. */
  KERNEL_FAILED: { restarts: number };
  /** A thread or host cannot load the kernel: the kernel names no module, the module fails to load, or does not export it. */
  MODULE_MISSING: { module: string | null };
  /** A message or message type comes from another copy or version of `@ringline/core` than the runtime. */
  CORE_TWICE: { type: string; by: string; here: string };
  /** A module called `createRuntime` while a thread or host was loading it for its kernels. */
  RUNTIME_IN_KERNEL_MODULE: { module: string };
  /** `receive` from a kernel with a linked output, or a second link without a `mode`. */
  PORT_LINKED: { to: readonly string[] };
  // topologies and flows
  /** A pipeline or graph that cannot run; `problem` says why. */
  INVALID_TOPOLOGY: { topology: string; nodes: readonly string[]; problem: string };
  /** A second `process()` on a flow before the first has ended. */
  FLOW_BUSY: { flow: string };
  /** Another program has taken over the durable flow of this name. */
  FLOW_TAKEN: { flow: string };
  /**
   * A call stopped waiting for a durable flow to store a message that was already under way: whether the message was
   * stored is unknown. Sent again with the same `key`, the message is processed once.
   */
  IN_DOUBT: { operation: string; flow: string };
  /** A durable state was saved by a newer version of its kernel, or by an older one and nothing migrates it. */
  STATE_VERSION: { version: number; known: number };
  /** Dead letter: no route of a node accepts the message. */
  NO_ROUTE: { node: string };
  /**
   * Dead letter: a branch of a join settled an input without a message, or the join's `timeout` passed before every
   * branch had sent one.
   */
  JOIN_INCOMPLETE: { node: string; missing: readonly string[] };
  // input
  /** A message of a type that the kernel does not accept or send, or a link between kernels whose types do not match. */
  TYPE_MISMATCH: { wanted: readonly string[]; got: string };
  /** A body that fails its schema or uses the name of a header field, or foreign data with an invalid header. */
  INVALID_MESSAGE: { type: string; issues: readonly SchemaIssue[] };
  /** An option or argument that is unknown, of the wrong type, or out of its range; an asynchronous schema. */
  INVALID_ARGUMENT: { argument: string; value: unknown };
  /** The value at `path` of a message cannot be copied. */
  SERIALIZATION: { path: string };
  /**
   * A compute kernel counted more elements of an output array than its `shape` has capacity for; `needed` counts all of
   * them.
   */
  OUTPUT_OVERFLOW: { array: string; capacity: number; needed: number };
  // backends
  /** A kernel needs a capability that the manifest of its backend does not list. */
  UNSUPPORTED: { backend: string; capability: string };
  /** A backend cannot start or cannot be reached. */
  BACKEND_UNAVAILABLE: { backend: string };
  /** Data or work that was only on a device was lost with the device. */
  DEVICE_LOST: { reason: string };
  /**
   * A thread that runs kernels ended, or did not respond in time. `reason` has its exit code, the limit that it reached, or the
   * exception. `suspects` are the kernels that most likely ended it; empty if unknown.
   */
  THREAD_LOST: { thread: number; reason: string; suspects: readonly string[] };
  /** A host that runs kernels ended, or could not be reached in time; its kernels may restart on other hosts. */
  HOST_LOST: { host: string; reason: string };
}

/** The stable code of an error: the same in every place and after each release. */
export type ErrorCode = keyof ErrorTable;

/** The message and the remedy of one code. */
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
      "Allow more time with `timeout`; check that the kernel is active, and look at `telemetry()` and `inspect()` for what holds it up.",
  },
  ABORTED: {
    text: (d, k) => `${d.operation}${k === null ? "" : ` on "${k}"`} was aborted by its signal.`,
    remedy: "None needed if the abort was intended; the reason of the signal is the `cause`.",
  },
  TERMINATED: {
    text: (d, k) => `${d.operation}: ${k === null ? "the runtime" : `"${k}"`} is terminated or terminating.`,
    remedy: "Launch the kernel again, or stop using it before you terminate it.",
  },
  CANCELLED: {
    text: (d) => `Flow "${d.flow}" was cancelled before the message was done.`,
    remedy: "None needed if you left the loop over `process()`; otherwise see why its source failed.",
  },
  NO_REPLY: {
    text: (d) => `"${d.consumedBy}" settled the request without an answer.`,
    remedy: 'Return or send a message for each request; a `run` body that answers later needs `ack: "manual"`.',
  },
  LATE_REPLY: {
    text: (d) => `The answer arrived after ${d.requester} had stopped waiting.`,
    remedy: "Allow the request more time, or answer sooner.",
  },
  EXPIRED: {
    text: (d) => `The message is ${Math.ceil(d.late)} ms past its deadline.`,
    remedy: "Allow more time with `expiresIn` or the `timeout` of the request, or reduce the load of the kernel.",
  },
  LATE_DATA: {
    text: (d, k) =>
      `The event is too late${k === null ? "" : ` for "${k}"`}: its windows closed before time ${d.watermark}.`,
    remedy:
      "Allow more disorder with `outOfOrder`, or later events with `allowedLateness`; `late` sends them elsewhere.",
  },
  KERNEL_STATE: {
    text: (d, k) => `Kernel${named(k)} is ${d.state}; this call cannot make it ${d.wanted}.`,
    remedy:
      "Call activate() on a launched or deactivated kernel, deactivate() on an active one; launch a terminated or failed one again.",
  },
  KERNEL_UNKNOWN: {
    text: (d, k) => `There is no kernel "${k}". Known ids: ${quoted(d.known)}.`,
    remedy: "Launch it first, pass it in `createRuntime({ kernels })`, or correct the id.",
  },
  KERNEL_EXISTS: {
    text: (d, k) =>
      d.backend === null
        ? `A running flow has the id "${k}".`
        : `Kernel "${k}" is already launched (on "${d.backend}").`,
    remedy: 'Launch a copy under another id: `launch(kernel.as("other"))` or `launch(kernel, { id: "other" })`.',
  },
  KERNEL_FAILED: {
    text: (_, k, cause) => {
      if (cause === undefined) return `Kernel${named(k)} failed.`;
      return isOfPlace(cause)
        ? `Kernel${named(k)} failed: ${cause.message}`
        : `Kernel${named(k)} threw ${inWords(cause)}`;
    },
    remedy:
      "See `cause` for the exception. `onError` and `supervise` say what happens to the message and to the kernel.",
  },
  MODULE_MISSING: {
    text: (d, k, cause) =>
      d.module === null
        ? `Kernel "${k}" does not name its module.`
        : cause === undefined
          ? `Module ${d.module} does not export a kernel with the id "${k}".`
          : `Module ${d.module} cannot be loaded: ${inWords(cause)}`,
    remedy:
      "Export the kernel from its own file and define it with `module: import.meta.url`. A bundle needs that file as an entry and ES modules as its format.",
  },
  CORE_TWICE: {
    text: (d, k) =>
      `The message of type "${d.type}"${k === null ? "" : ` for "${k}"`} was made by another copy of @ringline/core (${d.by}) than the runtime's (${d.here}).`,
    remedy:
      "Install one version of @ringline/core, for kernels, backends and the program alike: `npm ls @ringline/core` lists the copies.",
  },
  RUNTIME_IN_KERNEL_MODULE: {
    text: (d) => `Kernel module ${d.module} creates a runtime while it is being loaded.`,
    remedy:
      "Move the kernels to a file of their own that creates no runtime. In a bundle, make that file an entry of its own.",
  },
  PORT_LINKED: {
    text: (d, k) => `The output${of(k)} is linked to ${quoted(d.to)}.`,
    remedy: 'Receive from the last kernel of the chain; give a second link `mode: "broadcast"` or `"round-robin"`.',
  },
  INVALID_TOPOLOGY: {
    text: (d) => `Topology "${d.topology}" cannot run: ${d.problem}.`,
    remedy: "Change the topology at the nodes in `details.nodes`; `describe().mermaid` draws it.",
  },
  FLOW_BUSY: {
    text: (d) => `Flow "${d.flow}" is already processing a source.`,
    remedy: "Wait for the end of the first `process()`, or run the topology a second time.",
  },
  FLOW_TAKEN: {
    text: (d) => `Flow "${d.flow}" was taken over by another program.`,
    remedy: "Run a durable topology in one program at a time, or give it another name in the second program.",
  },
  IN_DOUBT: {
    text: (d) =>
      `${d.operation}: flow "${d.flow}" did not confirm in time that it stored the message, which was under way.`,
    remedy: "Send the message again with the same `key` or id: it is accepted once. Allow more time with `timeout`.",
  },
  STATE_VERSION: {
    text: (d) => `The state that is kept has version ${d.version}, and this kernel version ${d.known}.`,
    remedy: "Give the kernel `state.migrate` for older states; run the newer release where the state is newer.",
  },
  NO_ROUTE: {
    text: (d) => `No route of "${d.node}" accepts the message.`,
    remedy: "Add a route for such messages, or `otherwise` for the rest.",
  },
  JOIN_INCOMPLETE: {
    text: (d) => `Join "${d.node}" gave up on an input: no message from ${quoted(d.missing)}.`,
    remedy:
      "Allow more time with the `timeout` of the join, or find out why the branches in `details.missing` sent nothing.",
  },
  TYPE_MISMATCH: {
    text: (d, k) => `Type "${d.got}" does not match${k === null ? "" : ` "${k}"`}: expected ${quoted(d.wanted)}.`,
    remedy: "Send one of the expected types, or add this type to the kernel's `input` or `output`.",
  },
  INVALID_MESSAGE: {
    text: (d) =>
      `Not a valid ${d.type}: ${d.issues.map((issue) => `${pathText(issue)}${issue.message}`).join("; ") || "no message"}.`,
    remedy: "Correct the fields named in `details.issues`.",
  },
  OUTPUT_OVERFLOW: {
    text: (d, k) => `\`${d.array}\`${of(k)} has capacity for ${d.capacity} elements; ${d.needed} were counted.`,
    remedy: "Let `shape` give a larger capacity, or send less in one message.",
  },
  INVALID_ARGUMENT: {
    text: (d, k) => `\`${d.argument}\`${of(k)} cannot be ${show(d.value)}.`,
    remedy: "See the documentation of the option for its range.",
  },
  SERIALIZATION: {
    text: (d) =>
      d.path === ""
        ? "The value cannot be copied."
        : `The message cannot be copied: the value of its field ${d.path} has no copy.`,
    remedy:
      "Send plain data: no functions, symbols, instances of classes, or sockets. docs/values.md lists what can be sent.",
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
    remedy: "Make the data again; kernels restart by their `supervise` policy.",
  },
  THREAD_LOST: {
    text: (d) => `Thread ${d.thread} is lost: ${d.reason}.`,
    remedy:
      "Kernels with `supervise: { restart }` restart on another thread; `details.suspects` names the kernels that probably ended this one.",
  },
  HOST_LOST: {
    text: (d) => `Host "${d.host}" is lost: ${d.reason}.`,
    remedy:
      "Kernels with `supervise: { restart }` restart on another host; add hosts, or find out what ended this one.",
  },
};

/** Codes that concern the place of a kernel: the kernel itself threw nothing. */
const OF_PLACES = ["THREAD_LOST", "HOST_LOST", "DEVICE_LOST", "BACKEND_UNAVAILABLE", "MODULE_MISSING"];

function isOfPlace(cause: unknown): cause is Error {
  try {
    return cause instanceof Error && OF_PLACES.includes((cause as { code?: unknown }).code as string);
  } catch {
    return false;
  }
}

/** Describes a thrown value of any type. */
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

/** Describes a value for an error message. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return isList(value) ? "this array" : "this object";
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "function" ? "a function" : String(value);
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false; // a revoked proxy
  }
}
