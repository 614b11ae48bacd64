import {
  type AnyMessage,
  type BatchOutcome,
  type ChainStage,
  checkCount,
  createMessage,
  type HostMade,
  type MapPlan,
  Memory,
  Packer,
  roundUp,
  type SavedSlots,
} from "@ringline/core/internal";
import { TIMES } from "../device/pass-timers.js";
import { COUNT_SHIFT, HEAD, madeBytes } from "../shaders/map-text.js";
import { CONTROL } from "../shaders/ring-shader.js";
import type { BatchMemory } from "./map-stages.js";
import type { SlotOrder } from "./slot-order.js";

/** Result of a batch. */
export interface MapResult {
  /**
   * Output for the message at `index`, a list from a map with several; undefined if a filter discarded it. The next call
   * may return the same object. Throws `OUTPUT_OVERFLOW`.
   */
  body(index: number): object | undefined;
  /** State to save once the batch is settled. */
  readonly slots: ArrayBuffer | undefined;
  release(): void;
}

/** Uploads and readbacks of a chain of maps. */
export class MapTransfers {
  readonly #plans: readonly MapPlan[];
  readonly #packer: Packer;
  readonly #unpacker: Packer;
  /** Bytes of the outputs of one message, and their maximum number if there may be several. */
  readonly #stride: number;
  readonly #outputs: number | undefined;
  /** Host memory in which messages are packed; writes to the device copy it immediately. */
  readonly #host: Memory;
  #taken = 0;
  /** Number of messages that each stage kept, and number of times its ring was full. */
  readonly #passed: number[];
  readonly #stalls: number[];

  constructor(plans: readonly MapPlan[], max: number) {
    const [first, last] = [plans[0] as MapPlan, plans.at(-1) as MapPlan];
    this.#plans = plans;
    this.#packer = new Packer(first.input.plan, first.input.stride);
    this.#unpacker = new Packer(last.output.plan, last.output.stride);
    this.#stride = madeBytes(last);
    this.#outputs = last.outputs;
    this.#host = new Memory(new ArrayBuffer(roundUp(HEAD + max * first.input.stride, 8)));
    this.#passed = plans.map(() => 0);
    this.#stalls = plans.map(() => 0);
  }

  /** Counts of each stage of a chain. */
  inner() {
    const received = [this.#taken, ...this.#passed];
    return this.#passed.map((sent, i) => ({
      received: received[i] as number,
      sent,
      stalls: this.#stalls[i] as number,
    }));
  }

  /** Uploads a batch. Returns the number of bytes. */
  upload(
    messages: readonly AnyMessage[],
    order: SlotOrder | undefined,
    { queue }: GPUDevice,
    { batch, groups }: BatchMemory,
  ): number {
    const host = this.#host;
    const bytes = roundUp(HEAD + messages.length * this.#packer.stride, 4);
    host.u32[0] = messages.length;
    host.u32[1] = order?.groups ?? 0;
    this.#packer.pack(messages, messages.length, host, HEAD);
    queue.writeBuffer(batch, 0, host.bytes as ArrayBuffer, 0, bytes);
    if (order === undefined) return bytes;
    queue.writeBuffer(groups as GPUBuffer, 0, order.table);
    return bytes + order.table.byteLength;
  }

  /** Copies outputs, marks, report and times to the staging buffer, in this order. Returns the number of bytes. */
  copyDown(encoder: GPUCommandEncoder, { out, marks, report, timer, staging }: BatchMemory, count: number): number {
    const bytes = count * this.#stride;
    let end = roundUp(bytes, 4);
    encoder.copyBufferToBuffer(out, 0, staging, 0, end);
    if (marks !== undefined) {
      const at = roundUp(bytes, 8);
      end = at + count * 4;
      encoder.copyBufferToBuffer(marks, 0, staging, at, count * 4);
    }
    if (report !== undefined) {
      encoder.copyBufferToBuffer(report.buffer, 0, staging, end, report.bytes);
      end += report.bytes;
    }
    if (timer === undefined) return end;
    timer.copyDown(encoder, staging, end);
    return end + TIMES;
  }

  /** Result of a batch of `count` messages. */
  result(count: number, memory: BatchMemory, slots: ArrayBuffer | undefined, release: () => void): MapResult {
    const { marks, report, down } = memory;
    const stride = this.#stride;
    const at = marks === undefined ? -1 : roundUp(count * stride, 8) >> 2;
    if (report !== undefined) this.#countStalls(down, at + count);
    const into = this.#unpacker.zero();
    const body = (index: number) => {
      const word = at < 0 ? 1 : (down.u32[at + index] as number);
      const mark = word & (2 ** COUNT_SHIFT - 1);
      this.#count(mark);
      if (mark !== 1) return undefined;
      if (this.#outputs !== undefined) return this.#several(down, index * stride, word >>> COUNT_SHIFT, this.#outputs);
      this.#unpacker.unpackInto(into, down, index * stride);
      return into;
    };
    return { body, slots, release };
  }

  #several(down: Memory, at: number, count: number, capacity: number): readonly object[] {
    checkCount("outputs", count, capacity);
    return Array.from({ length: count }, (_, i) => this.#unpacker.unpack(down, at + i * this.#unpacker.stride));
  }

  /** Result of a batch, computed by the host bodies. */
  onHost(chain: readonly ChainStage[], messages: readonly AnyMessage[]): MapResult {
    const body = (index: number) => {
      let message = messages[index] as AnyMessage;
      for (const [stage, { host }] of chain.entries()) {
        const made = host(message, {}) as HostMade;
        if (made === undefined || (Array.isArray(made) && made.length === 0)) {
          this.#count(stage + 2);
          return undefined;
        }
        message = made as AnyMessage; // a list comes from the last stage only
      }
      this.#count(1);
      return message;
    };
    return { body, slots: undefined, release() {} };
  }

  outcome({ body, slots, release }: MapResult): BatchOutcome {
    const { type } = (this.#plans.at(-1) as MapPlan).output;
    return {
      output(index) {
        const made = body(index);
        if (Array.isArray(made)) return made.map((one) => createMessage(type, one, undefined));
        return made && createMessage(type, made, undefined);
      },
      ...(slots !== undefined && { checkpoint: { slots } satisfies SavedSlots }),
      release,
    };
  }

  /** Counts a message by its mark: 1, or 2 plus the index of the stage that discarded the message. */
  #count(mark: number): void {
    if (mark === 0) throw new Error("The device left a message between two stages.");
    const stages = mark === 1 ? this.#passed.length : mark - 2;
    this.#taken++;
    for (let i = 0; i < stages; i++) this.#passed[i] = (this.#passed[i] as number) + 1;
  }

  #countStalls(down: Memory, at: number): void {
    for (let i = 0; i < this.#stalls.length; i++) {
      const stalls = down.u32[at + CONTROL.head + i * CONTROL.stage + CONTROL.stalls] as number;
      this.#stalls[i] = (this.#stalls[i] as number) + stalls;
    }
  }
}
