import { errors } from "@ringline/core";
import {
  type AnyField,
  type Packer,
  type ProgramPlan,
  roundUp,
  type SharedBuffer,
  strideOf,
} from "@ringline/core/backend";
import { GpuSide, upload } from "../device/gpu-side.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } from "../device/usage.js";
import { countsBytes, MOST_GROUPS_WIDE } from "../shaders/program-shader.js";
import { Arena, arenaBytes } from "./arena.js";
import { type Down, emptyBuffer, type Made, type Product } from "./product.js";
import type { BindGroups, Piece, ProgramStage } from "./program-stages.js";

const DATA = STORAGE | COPY_SRC | COPY_DST;

type View = Readonly<Record<string, unknown>>;

/** The programs of a chain on one device. */
export interface Opened {
  readonly session: Session;
  readonly stages: readonly ProgramStage[];
  readonly binds: BindGroups;
}

/** What a program puts out, as it is made on the device. */
interface Output {
  /** Elements. */
  readonly length: number;
  readonly piece: Piece;
  /** Of the last stage. */
  readonly shared?: SharedBuffer;
  readonly side?: GpuSide;
}

/** Messages on their way through the stages of a chain, in one pass. */
export class ProgramBatch {
  /** By place of the message; undefined for one that failed. */
  readonly products: (Product | undefined)[] = [];
  /** By place: what a function of the user threw for that message. */
  readonly failures = new Map<number, unknown>();
  dispatches = 0;
  /** Bytes that go up, and that come down. */
  up = 0;
  down = 0;
  readonly #opened: Opened;
  readonly #packers: readonly Packer[];
  readonly #pass: GPUComputePassEncoder;
  readonly #readLater: ((bytes: number) => void) | undefined;
  readonly #arena: Arena;
  readonly #memory: GPUBuffer;
  /** The one that the pass has: most messages of a batch go through the same. */
  #pipeline: GPUComputePipeline | undefined;
  /** Some pass looks at what is in the arena. */
  #isArenaRead = false;
  /** Outputs of the message that is being added. */
  readonly #unfinished: { readonly shared: SharedBuffer; readonly side: GpuSide }[] = [];
  /** Used by this batch alone. */
  readonly #held: GPUBuffer[] = [];

  /** Of `count` messages. `packers`: of the input of each stage. `readLater`: told of arrays that do not come down with it. */
  constructor(
    opened: Opened,
    packers: readonly Packer[],
    pass: GPUComputePassEncoder,
    count: number,
    readLater: ((bytes: number) => void) | undefined,
  ) {
    this.#opened = opened;
    this.#readLater = readLater;
    this.#packers = packers;
    this.#pass = pass;
    const room = count * arenaBytes(opened.stages.map(({ plan }) => plan));
    this.#arena = new Arena(room);
    this.#memory = this.#hold(room, STORAGE | UNIFORM | COPY_DST);
  }

  /** Lets the pass run all stages over a message. What the user's functions throw concerns this message alone. */
  add(message: View): void {
    const place = this.products.length;
    this.products.push(undefined);
    try {
      this.products[place] = this.#encode(message);
    } catch (error) {
      this.failures.set(place, error);
      for (const { shared, side } of this.#unfinished) {
        side.release();
        shared.release();
      }
    }
    this.#unfinished.length = 0;
  }

  #encode(message: View): Product {
    const { session, stages } = this.#opened;
    const [first] = stages as readonly [ProgramStage];
    let product: Product | undefined;
    let view = message;
    let inputs = new Map<string, Piece>();
    for (const { name } of first.plan.input.plan.buffers) {
      const shared = message[name] as SharedBuffer;
      const { side, bytesUp } = upload(session, shared);
      this.up += bytesUp;
      inputs.set(name, { buffer: side.buffer, offset: 0, size: sizeOf(shared.byteLength) });
    }
    for (const [index, stage] of stages.entries()) {
      const { plan, shader } = stage;
      const isLast = index === stages.length - 1;
      const counts = { buffer: this.#memory, offset: this.#arena.counts(plan, view), size: countsBytes(plan) };
      const outputs = this.#outputs(plan, view, isLast);
      const pieces: Piece[] = [counts];
      for (const { from, name } of shader.slots) {
        if (from === "input") pieces.push(inputs.get(name) as Piece);
        else if (from === "output") pieces.push((outputs.get(name) as Output).piece);
        else if (from === "params") pieces.push(this.#params(this.#packers[index] as Packer, view));
        else if (from === "result") pieces.push(this.#piece(plan.output.stride));
        else pieces.push(this.#piece(scratchBytes(plan, name, view)));
      }
      this.#run(stage, index, pieces, view);
      if (isLast) product = this.#product(stage, pieces, outputs);
      inputs = new Map([...outputs].map(([name, { piece }]) => [name, piece]));
      view = Object.fromEntries([...outputs].map(([name, { length }]) => [name, { length }]));
    }
    return product as Product;
  }

  /**
   * All messages are there: what came of them is copied down, once the pass is over, and `more` bytes besides. Returns the
   * memory that it comes to; undefined where nothing does.
   */
  end(encoder: GPUCommandEncoder, more: number): GPUBuffer | undefined {
    const { device, pool } = this.#opened.session;
    const bytes = this.down + more;
    const staging = bytes === 0 ? undefined : pool.take(bytes, MAP_READ | COPY_DST);
    for (const product of this.products) {
      if (product === undefined) continue;
      const { buffers, result } = product;
      for (const { down } of buffers.values()) copy(encoder, down, staging);
      copy(encoder, result, staging);
    }
    if (!this.#isArenaRead) return staging;
    const { memory, used } = this.#arena;
    device.queue.writeBuffer(this.#memory, 0, memory.bytes as ArrayBuffer, 0, used);
    this.up += used;
    return staging;
  }

  /** It is submitted, or never will be: what is submitted later comes after it. */
  letGo(): void {
    for (const buffer of this.#held) this.#opened.session.pool.give(buffer);
  }

  #run(stage: ProgramStage, index: number, pieces: readonly Piece[], view: View): void {
    const pass = this.#pass;
    pass.setBindGroup(0, this.#opened.binds.get(stage, index, pieces));
    for (const [i, { elements, workgroup }] of stage.plan.passes.entries()) {
      const count = elements(view as never);
      if (count <= 0) continue;
      const groups = Math.ceil(count / workgroup);
      const wide = Math.min(groups, MOST_GROUPS_WIDE);
      const isFilled = count % workgroup === 0 && groups === wide;
      if (!isFilled) this.#isArenaRead = true;
      const pipeline = (isFilled ? stage.filled : stage.pipelines)[i] as GPUComputePipeline;
      if (pipeline !== this.#pipeline) pass.setPipeline(pipeline);
      this.#pipeline = pipeline;
      pass.dispatchWorkgroups(wide, Math.ceil(groups / wide));
      this.dispatches++;
    }
  }

  #outputs(plan: ProgramPlan, view: View, isLast: boolean): Map<string, Output> {
    const shape = plan.shape(view as never);
    const outputs = new Map<string, Output>();
    for (const { name, of, field } of plan.output.plan.buffers) {
      const length = shape[name] as number;
      if (!(Number.isSafeInteger(length) && length >= 0)) {
        throw new errors.INVALID_ARGUMENT({ argument: `shape.${name}`, value: length });
      }
      const bytes = length * strideOf(of);
      if (!isLast) {
        outputs.set(name, { length, piece: this.#piece(bytes) });
        continue;
      }
      const side = new GpuSide(this.#opened.session, bytes, this.#readLater); // throws for what is too large
      const shared = emptyBuffer((field as AnyField)["~elements"], length, bytes);
      this.#unfinished.push({ shared, side });
      outputs.set(name, { length, piece: { buffer: side.buffer, offset: 0, size: sizeOf(bytes) }, shared, side });
    }
    return outputs;
  }

  #product({ plan, shader }: ProgramStage, pieces: readonly Piece[], outputs: ReadonlyMap<string, Output>): Product {
    const buffers = new Map<string, Made>();
    for (const [name, { shared, side, piece }] of outputs) {
      const down = this.#readLater === undefined ? this.#comesDown(piece.buffer, piece.size) : undefined;
      buffers.set(name, { shared: shared as SharedBuffer, side: side as GpuSide, down });
    }
    const result = pieces[shader.slots.findIndex(({ from }) => from === "result") + 1];
    const hasResult = plan.output.plan.members.length > 0 && result !== undefined;
    return {
      buffers,
      result: hasResult ? this.#comesDown(result.buffer, roundUp(plan.output.stride, 4)) : undefined,
    };
  }

  #comesDown(from: GPUBuffer, bytes: number): Down {
    const at = this.down;
    this.down = roundUp(at + bytes, 8);
    return { from, at, bytes };
  }

  #params(packer: Packer, view: View): Piece {
    this.#isArenaRead = true;
    return { buffer: this.#memory, offset: this.#arena.fields(packer, view), size: roundUp(packer.stride, 4) };
  }

  #piece(bytes: number): Piece {
    return { buffer: this.#hold(sizeOf(bytes), DATA), offset: 0, size: sizeOf(bytes) };
  }

  #hold(bytes: number, usage: number): GPUBuffer {
    const buffer = this.#opened.session.pool.take(bytes, usage);
    this.#held.push(buffer);
    return buffer;
  }
}

/** An empty binding is not allowed. */
const sizeOf = (bytes: number) => Math.max(4, roundUp(bytes, 4));

function scratchBytes({ scratch }: ProgramPlan, name: string, view: View): number {
  const { of, length } = scratch.find((one) => one.name === name) as ProgramPlan["scratch"][number];
  return length(view as never) * strideOf(of);
}

function copy(encoder: GPUCommandEncoder, down: Down | undefined, to: GPUBuffer | undefined): void {
  if (down !== undefined && to !== undefined) encoder.copyBufferToBuffer(down.from, 0, to, down.at, down.bytes);
}
