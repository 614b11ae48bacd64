import { type DeviceTelemetry, errors, isRinglineError } from "@ringline/core";
import {
  type AnyField,
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  createMessage,
  type Elements,
  Hold,
  Memory,
  noteBuffers,
  Packer,
  type ProgramPlan,
  roundUp,
  SharedBuffer,
  slabs,
  strideOf,
} from "@ringline/core/backend";
import { GpuSide, upload } from "../device/gpu-side.js";
import type { Keeper } from "../device/keeper.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } from "../device/usage.js";
import { countsBytes, MOST_GROUPS_WIDE } from "../shaders/program-shader.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { BindGroups, openPrograms, type Piece, type ProgramStage } from "./program-stages.js";

/** Offsets of bindings are multiples of this. */
const ALIGN = 256;
const DATA = STORAGE | COPY_SRC | COPY_DST;
/** Most messages that go to the device together. */
const MOST = 16;

type Sized = { readonly length: number };
type View = Readonly<Record<string, unknown>>;

/** The programs of a chain on one device. */
interface Opened {
  readonly session: Session;
  readonly stages: readonly ProgramStage[];
  readonly binds: BindGroups;
}

/** Something that comes back: where it is on the device, and where it will lie. */
interface Down {
  readonly from: GPUBuffer;
  readonly at: number;
  readonly bytes: number;
}

/** What one message comes to. */
interface Product {
  readonly buffers: Map<string, { readonly shared: SharedBuffer; readonly side: GpuSide; readonly down: Down }>;
  readonly result: Down | undefined;
}

/** A chain of programs on the device; most chains are one program long. Between them nothing comes back. */
export class ProgramUnit implements BatchExecutor {
  readonly linger = 0;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #keeper: Keeper;
  readonly #chain: readonly ChainStage[];
  readonly #plans: readonly ProgramPlan[];
  /** The buffers that come with each message. */
  readonly #inputs: ProgramPlan["input"]["plan"]["buffers"];
  readonly #packers: readonly Packer[];
  readonly #unpacker: Packer;
  #opened: Opened | undefined;

  constructor(chain: readonly ChainStage[], keeper: Keeper) {
    this.#keeper = keeper;
    this.#chain = chain;
    this.#plans = chain.map(({ plan }) => plan as ProgramPlan);
    this.#inputs = (this.#plans[0] as ProgramPlan).input.plan.buffers;
    this.depth = keeper.settings.depth;
    this.#packers = this.#plans.map(({ input }) => new Packer(input.plan, input.stride));
    const { output } = this.#plans.at(-1) as ProgramPlan;
    this.#unpacker = new Packer(output.plan, output.stride);
  }

  async open(): Promise<void> {
    await this.#ready();
  }

  isFull(messages: readonly AnyMessage[]): boolean {
    if (messages.length >= MOST) return true;
    let bytes = 0;
    for (const message of messages) {
      for (const { name } of this.#inputs) bytes += ((message as unknown as View)[name] as SharedBuffer).byteLength;
    }
    return bytes >= this.#keeper.settings.batchBytes;
  }

  async run(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const { onDeviceLost, attempts } = this.#keeper.settings;
    for (let tries = 1; ; tries++) {
      try {
        const opened = this.#opened?.session.lost === undefined ? this.#opened : undefined;
        return await this.#begin(opened ?? (await this.#ready()), messages);
      } catch (error) {
        if (!isRinglineError(error, "DEVICE_LOST")) throw error;
        if (onDeviceLost === "host") return this.#onHost(messages);
        if (onDeviceLost === "fail" || tries >= attempts || !this.#keeper.canReopen) throw error;
        this.#counts.repeated++;
      }
    }
  }

  stats(): DeviceTelemetry {
    return deviceTelemetry(this.#counts, this.#keeper);
  }

  dispose(): void {}

  async #ready(): Promise<Opened> {
    const session = await this.#keeper.session();
    const ids = this.#chain.map(({ id }) => id);
    this.#opened = { session, stages: await openPrograms(session, this.#plans, ids), binds: new BindGroups(session) };
    return this.#opened;
  }

  async #begin(opened: Opened, messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const { session } = opened;
    if (session.lost !== undefined) throw session.lostError();
    const { device, pool, faults } = session;
    const arena = new Arena(messages.length * this.#arenaBytes);
    const [held, products]: [GPUBuffer[], Product[]] = [[], []];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const memory = pool.take(arena.room, STORAGE | UNIFORM | COPY_DST);
    held.push(memory);
    let [down, staging]: [number, GPUBuffer | undefined] = [0, undefined];
    try {
      for (const message of messages) {
        const product = this.#encode(opened, pass, message as unknown as View, arena, memory, held, down);
        products.push(product);
        for (const { down: one } of product.buffers.values()) down = roundUp(one.at + one.bytes, 8);
        if (product.result !== undefined) down = roundUp(product.result.at + product.result.bytes, 8);
      }
      pass.end();
      staging = pool.take(Math.max(down, 8), MAP_READ | COPY_DST);
      for (const { buffers, result } of products) {
        for (const { down: one } of buffers.values()) copy(encoder, one, staging);
        if (result !== undefined) copy(encoder, result, staging);
      }
      device.queue.writeBuffer(memory, 0, arena.memory.bytes as ArrayBuffer, 0, arena.used);
      device.queue.submit([encoder.finish()]);
      this.#counts.bytesUp += arena.used;
      this.#counts.submits++;
      this.#counts.batches++;
      this.#counts.inFlight++;
    } catch (error) {
      release(products);
      throw error;
    } finally {
      for (const buffer of held) pool.give(buffer); // what is submitted later comes after it
    }
    try {
      const mapped = await session.map(staging, Math.max(down, 8), this.#keeper.settings.timeout, faults);
      this.#counts.readbacks++;
      this.#counts.bytesDown += down;
      const bodies = products.map((product) => this.#body(product, mapped));
      staging.unmap();
      pool.give(staging);
      const { type } = (this.#plans.at(-1) as ProgramPlan).output;
      return { output: (index) => createMessage(type, bodies[index] as object, undefined), release() {} };
    } catch (error) {
      release(products);
      throw error;
    } finally {
      this.#counts.inFlight--;
    }
  }

  /** Bytes that the small things of one message take: counts and fields of each stage. */
  get #arenaBytes(): number {
    return this.#plans.reduce(
      (sum, plan) => sum + roundUp(countsBytes(plan), ALIGN) + roundUp(plan.input.stride, ALIGN),
      0,
    );
  }

  #encode(
    { session, stages, binds }: Opened,
    pass: GPUComputePassEncoder,
    message: View,
    arena: Arena,
    memory: GPUBuffer,
    held: GPUBuffer[],
    down: number,
  ): Product {
    let view = message;
    let inputs = new Map<string, Piece>();
    for (const { name } of this.#inputs) {
      const shared = message[name] as SharedBuffer;
      const { side, bytesUp } = upload(session, shared);
      this.#counts.bytesUp += bytesUp;
      inputs.set(name, { buffer: side.buffer, offset: 0, size: sizeOf(shared.byteLength) });
    }
    for (const [index, stage] of stages.entries()) {
      const { plan, shader, pipelines, filled } = stage;
      const isLast = index === stages.length - 1;
      const counts = arena.counts(plan, view);
      const outputs = this.#outputs(session, plan, view, isLast, held);
      const pieces: Piece[] = [{ buffer: memory, offset: counts, size: countsBytes(plan) }];
      for (const { from, name } of shader.slots) {
        if (from === "input") pieces.push(inputs.get(name) as Piece);
        else if (from === "output") pieces.push((outputs.get(name) as { piece: Piece }).piece);
        else if (from === "params") pieces.push(arena.params(this.#packers[index] as Packer, view, memory));
        else if (from === "result") pieces.push(taken(session, plan.output.stride, held));
        else pieces.push(taken(session, scratchBytes(plan, name, view), held));
      }
      const group = binds.get(stage, index, pieces);
      pass.setBindGroup(0, group);
      for (const [i, { elements, workgroup }] of plan.passes.entries()) {
        const count = elements(view as never);
        if (count <= 0) continue;
        const groups = Math.ceil(count / workgroup);
        const wide = Math.min(groups, MOST_GROUPS_WIDE);
        const isFilled = count % workgroup === 0 && groups === wide;
        pass.setPipeline((isFilled ? filled : pipelines)[i] as GPUComputePipeline);
        pass.dispatchWorkgroups(wide, Math.ceil(groups / wide));
        this.#counts.dispatches++;
      }
      if (isLast) return this.#product(plan, shader.slots, pieces, outputs, down);
      inputs = new Map([...outputs].map(([name, { piece }]) => [name, piece]));
      view = Object.fromEntries([...outputs].map(([name, { length }]): [string, Sized] => [name, { length }]));
    }
    throw new Error("a chain without stages");
  }

  #outputs(session: Session, plan: ProgramPlan, view: View, isLast: boolean, held: GPUBuffer[]): Map<string, Output> {
    const shape = plan.shape(view as never);
    const outputs = new Map<string, Output>();
    for (const { name, of, field } of plan.output.plan.buffers) {
      const length = shape[name];
      if (!(Number.isSafeInteger(length) && (length as number) >= 0)) {
        throw new errors.INVALID_ARGUMENT({ argument: `shape.${name}`, value: length });
      }
      const bytes = (length as number) * strideOf(of);
      if (!isLast) {
        outputs.set(name, { length: length as number, piece: taken(session, bytes, held) });
        continue;
      }
      const { "~elements": elements } = field as AnyField;
      const shared = madeOf(elements, length as number, bytes);
      const side = new GpuSide(session, bytes);
      const piece = { buffer: side.buffer, offset: 0, size: sizeOf(bytes) };
      outputs.set(name, { length: length as number, piece, shared, side });
    }
    return outputs;
  }

  #product(
    { output }: ProgramPlan,
    slots: ProgramStage["shader"]["slots"],
    pieces: readonly Piece[],
    outputs: Map<string, Output>,
    start: number,
  ): Product {
    let at = start;
    const buffers: Product["buffers"] = new Map();
    for (const [name, { shared, side, piece }] of outputs) {
      const down = { from: piece.buffer, at, bytes: piece.size };
      buffers.set(name, { shared: shared as SharedBuffer, side: side as GpuSide, down });
      at = roundUp(at + piece.size, 8);
    }
    const index = slots.findIndex(({ from }) => from === "result");
    const piece = pieces[index + 1];
    const hasResult = index >= 0 && piece !== undefined;
    return { buffers, result: hasResult ? { from: piece.buffer, at, bytes: roundUp(output.stride, 4) } : undefined };
  }

  #body({ buffers, result }: Product, mapped: ArrayBuffer): object {
    const { names } = (this.#plans.at(-1) as ProgramPlan).output.plan;
    const scalars = result === undefined ? {} : this.#unpacker.unpack(new Memory(mapped, result.at, result.bytes), 0);
    const body: Record<string, unknown> = {};
    for (const name of names) {
      const made = buffers.get(name);
      if (made === undefined) {
        body[name] = scalars[name];
        continue;
      }
      const { shared, side, down } = made;
      shared.bytes.set(new Uint8Array(mapped, down.at, shared.byteLength));
      shared.attach(side, "both");
      body[name] = shared;
    }
    return body;
  }

  /** The same by the host bodies. */
  async #onHost(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const made: AnyMessage[] = [];
    for (const message of messages) {
      let one = message;
      for (const { host } of this.#chain) one = (await host(one, {})) as AnyMessage;
      made.push(one);
    }
    const { type } = (this.#plans.at(-1) as ProgramPlan).output;
    return { output: (index) => createMessage(type, made[index] as object, undefined), release() {} };
  }
}

interface Output {
  /** Elements. */
  readonly length: number;
  readonly piece: Piece;
  readonly shared?: SharedBuffer;
  readonly side?: GpuSide;
}

/** An empty binding is not allowed. */
const sizeOf = (bytes: number) => Math.max(4, roundUp(bytes, 4));

function taken({ pool }: Session, bytes: number, held: GPUBuffer[]): Piece {
  const buffer = pool.take(sizeOf(bytes), DATA);
  held.push(buffer);
  return { buffer, offset: 0, size: sizeOf(bytes) };
}

function scratchBytes({ scratch }: ProgramPlan, name: string, view: View): number {
  const { of, length } = scratch.find((one) => one.name === name) as ProgramPlan["scratch"][number];
  return length(view as never) * strideOf(of);
}

/** A buffer whose content will be written in full: it is not cleared before. */
function madeOf(elements: Elements<unknown>, length: number, bytes: number): SharedBuffer {
  noteBuffers();
  return new SharedBuffer(elements, length, Hold.of(slabs.take(bytes)));
}

function copy(encoder: GPUCommandEncoder, { from, at, bytes }: Down, to: GPUBuffer): void {
  encoder.copyBufferToBuffer(from, 0, to, at, bytes);
}

function release(products: readonly Product[]): void {
  for (const { buffers } of products) {
    for (const { shared, side } of buffers.values()) {
      if (shared.device === undefined) side.release();
      shared.release();
    }
  }
}

/** The small things of a batch, which go up together. */
class Arena {
  readonly room: number;
  readonly memory: Memory;
  used = 0;

  constructor(room: number) {
    this.room = room;
    this.memory = new Memory(new ArrayBuffer(room));
  }

  /** How many elements each pass has. Returns where. */
  counts(plan: ProgramPlan, view: View): number {
    const at = this.#next(countsBytes(plan));
    for (const [i, { elements }] of plan.passes.entries()) this.memory.u32[at / 4 + i] = elements(view as never);
    return at;
  }

  params(packer: Packer, view: View, buffer: GPUBuffer): Piece {
    const size = roundUp(packer.stride, 4);
    const offset = this.#next(size);
    packer.packOne(view, this.memory, offset);
    return { buffer, offset, size };
  }

  #next(bytes: number): number {
    const at = this.used;
    this.used += roundUp(bytes, ALIGN);
    return at;
  }
}
