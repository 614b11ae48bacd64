import type { DurableInputs } from "../durable/durable-inputs.js";
import { StateMark } from "../host/saved-state.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import { limited, type WaitOptions } from "../time/wait-options.js";
import { EmitQueue } from "./emit-queue.js";
import type { AnyOrigin, FlowOrigin } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import { onBehalfOf } from "./on-behalf-of.js";

/** Maximum outputs that wait to be stored. */
const MOST_UNKEPT = 1024;

interface Held {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/**
 * The output of a kernel with durable state in a durable flow: outputs are forwarded once they are stored, together
 * with the state that the same inputs led to. Stored outputs of an earlier program are forwarded without the kernel.
 */
export class KeptExit implements Sink {
  readonly name: string | null;
  readonly #kernel: KernelDefinition;
  /** Key of the outputs in the journal: the stage, or the kernel with `by: "broadcast"`. */
  readonly #edge: string;
  readonly #node: number;
  readonly #sink: Sink;
  readonly #flow: FlowServices;
  readonly #inputs: DurableInputs;
  readonly #pump: EmitQueue;
  /** Origins of messages that the kernel has not finished, by message id. */
  readonly #taken = new Map<string, AnyOrigin>();
  /** Outputs whose `StateMark` has not arrived. */
  #held: Held[] = [];
  #unkept = 0;
  #cleanAt = MOST_UNKEPT;

  /** `node`: counts the messages that wait here. */
  constructor(
    kernel: KernelDefinition,
    edge: string,
    node: number,
    sink: Sink,
    flow: FlowServices,
    inputs: DurableInputs,
  ) {
    this.name = sink.name;
    this.#kernel = kernel;
    this.#edge = edge;
    this.#node = node;
    this.#sink = sink;
    this.#flow = flow;
    this.#inputs = inputs;
    this.#pump = new EmitQueue(node, flow);
  }

  get #isFull(): boolean {
    return this.#pump.isBusy || this.#unkept >= MOST_UNKEPT;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    if (message.type !== StateMark.type) {
      if (this.#held.length === 0 && this.#isFull) return false;
      origin.enter(this.#node);
      this.#held.push({ message, origin });
      return true;
    }
    const outputs = this.#held;
    this.#held = [];
    const { of, isNew, state } = message as unknown as (typeof StateMark)["~message"];
    const made = of.map((id) => ({ id, origin: this.#taken.get(id) ?? origin, outputs: madeOf(id, of, outputs) }));
    for (const id of of) this.#taken.delete(id);
    const { id, durable } = this.#kernel;
    const kept = this.#inputs.applied(this.#edge, id, made, isNew ? [durable?.version ?? 1, state] : undefined);
    if (kept) void this.#goOnOnceKept(outputs);
    else this.#goOn(outputs);
    return true;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const { clock, id } = this.#flow;
    while (!this.tryPush(message, origin)) {
      await this.#pump.emptied(wait);
      if (this.#unkept >= MOST_UNKEPT) await limited(this.#keptAll(), wait ?? {}, clock, "send", id);
    }
  }

  /** Forwards the stored outputs of the message. Returns false if none are stored: the kernel has to process it. */
  resume(message: AnyMessage, origin: AnyOrigin): boolean {
    const outputs = this.#inputs.keptOutputs(this.#edge, message, origin);
    if (outputs === undefined) {
      this.#take(message, origin);
      return false;
    }
    const named = outputs.map((output) => ({ message: onBehalfOf(output, origin as FlowOrigin), origin }));
    for (const one of named) one.origin.enter(this.#node);
    this.#goOn(named);
    return true;
  }

  #take({ messageId }: AnyMessage, origin: AnyOrigin): void {
    this.#taken.set(messageId, origin);
    if (this.#taken.size < this.#cleanAt) return;
    // messages that were dead-lettered or dropped
    for (const [id, { isAlive }] of this.#taken) if (!isAlive) this.#taken.delete(id);
    this.#cleanAt = 2 * this.#taken.size + MOST_UNKEPT;
  }

  async #goOnOnceKept(outputs: readonly Held[]): Promise<void> {
    this.#unkept += outputs.length;
    await this.#keptAll();
    this.#unkept -= outputs.length;
    this.#goOn(outputs);
  }

  #goOn(outputs: readonly Held[]): void {
    for (const { message, origin } of outputs) this.#pump.put(message, origin, this.#sink);
  }

  /** Resolves when all is stored, or can no longer be, as the flow has ended. */
  async #keptAll(): Promise<void> {
    await this.#inputs.kept().catch(() => {});
  }
}

/** Outputs that the message caused; an output that none of the messages caused belongs to the last one. */
function madeOf(id: string, of: readonly string[], outputs: readonly Held[]): readonly AnyMessage[] {
  const isLast = id === of.at(-1);
  const isOurs = (cause: string | null) => cause === id || (isLast && !of.includes(cause ?? ""));
  return outputs.map(({ message }) => message).filter(({ correlationId }) => isOurs(correlationId));
}

/** The entry of a kernel with durable state: bypasses the kernel if its outputs are stored already. */
export class KeptEntry implements Sink {
  readonly name: string;
  readonly #exit: KeptExit;
  readonly #sink: Sink;

  /** `sink`: leads to the workers. */
  constructor(name: string, exit: KeptExit, sink: Sink) {
    this.name = name;
    this.#exit = exit;
    this.#sink = sink;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#exit.resume(message, origin) || this.#sink.tryPush(message, origin);
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    if (!this.#exit.resume(message, origin)) await this.#sink.push(message, origin, wait);
  }
}
