import { type AnyField, type Packer, type ProgramPlan, roundUp, type SharedBuffer } from "@ringline/core/internal";
import { GpuSide, upload } from "../device/gpu-side.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } from "../device/usage.js";
import { countsBytes } from "../shaders/program-shader.js";
import { Arena, arenaBytes } from "./arena.js";
import { type Down, emptyBuffer, type Made, type Product, release } from "./product.js";
import type { ArraySize, Grid, Need, StageNeed } from "./program-need.js";
import type { BindGroups, Piece, ProgramStage } from "./program-stages.js";

const DATA = STORAGE | COPY_SRC | COPY_DST;

/** Programs of a chain on one device. */
export interface Opened {
  readonly session: Session;
  readonly stages: readonly ProgramStage[];
  readonly binds: BindGroups;
}

/** A message with its memory: bound buffers by stage, and its result. */
interface Prepared {
  readonly need: Need;
  readonly pieces: readonly (readonly Piece[])[];
  readonly product: Product;
}

/** A batch of messages that passes all stages of a chain in one compute pass. */
export class ProgramBatch {
  /** Products by index of the message; undefined for one that failed. */
  readonly products: (Product | undefined)[] = [];
  /** Errors by index, of messages that failed before any work on the device. */
  readonly failures = new Map<number, unknown>();
  dispatches = 0;
  /** Bytes to upload, and bytes to read back. */
  up = 0;
  down = 0;
  readonly #opened: Opened;
  readonly #packers: readonly Packer[];
  readonly #encoder: GPUCommandEncoder;
  readonly #readLater: ((bytes: number) => void) | undefined;
  readonly #arena: Arena;
  readonly #memory: GPUBuffer;
  readonly #prepared: Prepared[] = [];
  /** Current pipeline of the pass; most messages of a batch use the same ones. */
  #pipeline: GPUComputePipeline | undefined;
  /** True if some pass reads the arena. */
  #isArenaRead = false;
  /** Products of messages that failed, which the encoder still refers to. */
  readonly #broken: Product[] = [];
  /** Buffers that only this batch uses. */
  readonly #held: GPUBuffer[] = [];

  /**
   * `packers`: one for the input of each stage. `readLater`: called with the bytes of arrays that are read back on
   * demand.
   */
  constructor(
    opened: Opened,
    packers: readonly Packer[],
    encoder: GPUCommandEncoder,
    needs: readonly Need[],
    readLater: ((bytes: number) => void) | undefined,
  ) {
    this.#opened = opened;
    this.#readLater = readLater;
    this.#packers = packers;
    this.#encoder = encoder;
    const plans = opened.stages.map(({ plan }) => plan);
    const room = needs.reduce((sum, need) => sum + arenaBytes(plans, need), 0);
    this.#arena = new Arena(room);
    this.#memory = this.#hold(room, STORAGE | UNIFORM | COPY_DST);
    for (const need of needs) this.#add(need);
  }

  /**
   * Allocates memory for a message, and clears parts that may be read before they are written. An error concerns this
   * message only.
   */
  #add(need: Need): void {
    const place = this.products.length;
    this.products.push(undefined);
    const buffers = new Map<string, Made>();
    try {
      const pieces = this.#piecesOf(need, buffers);
      const result = this.#resultOf(pieces.at(-1) as readonly Piece[]);
      const product = { buffers, result };
      this.#prepared.push({ need, pieces, product });
      this.products[place] = product;
    } catch (error) {
      this.failures.set(place, error);
      this.#broken.push({ buffers, result: undefined });
    }
  }

  /** Encodes all stages for all messages. */
  run(pass: GPUComputePassEncoder): void {
    const { stages } = this.#opened;
    for (const { need, pieces } of this.#prepared) {
      for (const [index, stage] of stages.entries()) {
        const { grids } = need.stages[index] as StageNeed;
        const bound = pieces[index] as readonly Piece[];
        this.#bind(pass, index, bound);
        for (const [i, { repeat }] of stage.plan.passes.entries()) {
          for (const [step, grid] of (grids[i] as readonly (Grid | undefined)[]).entries()) {
            if (grid === undefined) continue;
            if (repeat !== undefined)
              this.#bind(pass, index, [
                this.#counts(stage.plan, need.stages[index] as StageNeed, step),
                ...bound.slice(1),
              ]);
            this.#dispatch(pass, stage, i, grid, need.stages[index]?.elements[i]?.[step] as number);
          }
          if (repeat !== undefined) this.#bind(pass, index, bound);
        }
      }
    }
  }

  #bind(pass: GPUComputePassEncoder, index: number, pieces: readonly Piece[]): void {
    const { stages, binds } = this.#opened;
    pass.setBindGroup(0, binds.get(stages[index] as ProgramStage, index, pieces));
  }

  #dispatch(pass: GPUComputePassEncoder, stage: ProgramStage, i: number, grid: Grid, elements: number): void {
    const { workgroup, isWhole, isStepped } = stage.shader.passes[i] as ProgramStage["shader"]["passes"][number];
    const isFilled = grid.high === 1 && elements % workgroup === 0;
    if (isStepped || (!isFilled && !isWhole)) this.#isArenaRead = true;
    const pipeline = (isFilled ? stage.filled : stage.pipelines)[i] as GPUComputePipeline;
    if (pipeline !== this.#pipeline) pass.setPipeline(pipeline);
    this.#pipeline = pipeline;
    pass.dispatchWorkgroups(grid.wide, grid.high);
    this.dispatches++;
  }

  /**
   * Ends the pass and copies its results, and `more` bytes besides. Returns the staging buffer; undefined if there is
   * nothing to read back.
   */
  end(more: number): GPUBuffer | undefined {
    const { device, pool } = this.#opened.session;
    const bytes = this.down + more;
    const staging = bytes === 0 ? undefined : pool.take(bytes, MAP_READ | COPY_DST);
    for (const { product } of this.#prepared) {
      for (const { down } of product.buffers.values()) copy(this.#encoder, down, staging);
      copy(this.#encoder, product.result, staging);
    }
    if (!this.#isArenaRead) return staging;
    const { memory, used } = this.#arena;
    device.queue.writeBuffer(this.#memory, 0, memory.bytes as ArrayBuffer, 0, used);
    this.up += used;
    return staging;
  }

  /** Releases the memory of a batch that was submitted, or never will be; later submissions execute after it. */
  letGo(): void {
    for (const buffer of this.#held) this.#opened.session.pool.give(buffer);
    for (const product of this.#broken) release(product);
  }

  #piecesOf({ message, stages: needs }: Need, buffers: Map<string, Made>): Piece[][] {
    const { session, stages } = this.#opened;
    let inputs = new Map<string, Piece>();
    for (const [name, { bytes }] of (needs[0] as StageNeed).inputs) {
      const { side, bytesUp } = upload(session, message[name] as SharedBuffer, bytes);
      this.up += bytesUp;
      inputs.set(name, { buffer: side.buffer, offset: 0, size: bytes });
    }
    return stages.map((stage, index) => {
      const { plan, shader } = stage;
      const need = needs[index] as StageNeed;
      const isLast = index === stages.length - 1;
      if (shader.hasLengths) this.#isArenaRead = true;
      const outputs = isLast ? this.#lastOutputs(plan, need, buffers) : new Map<string, Piece>();
      const pieces: Piece[] = [this.#counts(plan, need, 0)];
      for (const { from, name, as } of shader.slots) {
        if (from === "input") pieces.push(inputs.get(name) as Piece);
        else if (from === "params") pieces.push(this.#params(this.#packers[index] as Packer, need.view));
        else if (from === "result") pieces.push(this.#cleared(roundUp(plan.output.stride, 4)));
        else {
          const size = (from === "output" ? need.outputs : need.scratch).get(name) as ArraySize;
          const known = from === "output" ? outputs.get(name) : undefined;
          const piece = known ?? { buffer: this.#hold(size.bytes, DATA), offset: 0, size: size.bytes };
          if (!isFilled(stage, need, as, size)) this.#clear(piece);
          if (from === "output") outputs.set(name, piece);
          pieces.push(piece);
        }
      }
      inputs = outputs;
      return pieces;
    });
  }

  /** Output arrays of the last stage, which belong to the receiver, host side and device side. */
  #lastOutputs(plan: ProgramPlan, need: StageNeed, buffers: Map<string, Made>): Map<string, Piece> {
    const pieces = new Map<string, Piece>();
    for (const { name, field } of plan.output.plan.buffers) {
      const { length, own, bytes } = need.outputs.get(name) as ArraySize;
      const side = new GpuSide(this.#opened.session, own, bytes, this.#readLater);
      const shared = emptyBuffer((field as AnyField)["~elements"], length, own);
      const down = this.#readLater === undefined ? this.#comesDown(side.buffer, roundUp(own, 4)) : undefined;
      buffers.set(name, { shared, side, down });
      pieces.set(name, { buffer: side.buffer, offset: 0, size: bytes });
    }
    return pieces;
  }

  #resultOf(pieces: readonly Piece[]): Down | undefined {
    const { plan, shader } = this.#opened.stages.at(-1) as ProgramStage;
    const piece = pieces[shader.slots.findIndex(({ from }) => from === "result") + 1];
    if (plan.output.plan.members.length === 0 || piece === undefined) return undefined;
    return this.#comesDown(piece.buffer, piece.size);
  }

  #comesDown(from: GPUBuffer, bytes: number): Down {
    const at = this.down;
    this.down = roundUp(at + bytes, 8);
    return { from, at, bytes };
  }

  #counts(plan: ProgramPlan, need: StageNeed, step: number): Piece {
    return { buffer: this.#memory, offset: this.#arena.counts(plan, need, step), size: countsBytes(plan) };
  }

  #params(packer: Packer, view: object): Piece {
    this.#isArenaRead = true;
    return { buffer: this.#memory, offset: this.#arena.fields(packer, view), size: roundUp(packer.stride, 4) };
  }

  #cleared(bytes: number): Piece {
    const piece = { buffer: this.#hold(bytes, DATA), offset: 0, size: bytes };
    this.#clear(piece);
    return piece;
  }

  /** Clears a buffer, as buffers from the pool contain old data. */
  #clear({ buffer, size }: Piece): void {
    this.#encoder.clearBuffer(buffer, 0, size);
  }

  #hold(bytes: number, usage: number): GPUBuffer {
    const buffer = this.#opened.session.pool.take(bytes, usage);
    this.#held.push(buffer);
    return buffer;
  }
}

/** True if some pass writes every element before any is read: see `PassText.fills`. */
function isFilled({ shader }: ProgramStage, { elements }: StageNeed, as: string, size: ArraySize): boolean {
  if (size.own !== size.bytes) return false;
  return shader.passes.some(({ fills }, i) => fills.has(as) && (elements[i]?.[0] ?? 0) >= size.length);
}

function copy(encoder: GPUCommandEncoder, down: Down | undefined, to: GPUBuffer | undefined): void {
  if (down !== undefined && down.bytes > 0 && to !== undefined) {
    encoder.copyBufferToBuffer(down.from, 0, to, down.at, down.bytes);
  }
}
