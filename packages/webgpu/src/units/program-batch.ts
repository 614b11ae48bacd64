import { type AnyField, type Packer, type ProgramPlan, roundUp, type SharedBuffer } from "@ringline/core/internal";
import { GpuSide, upload, uploadTo } from "../device/gpu-side.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, INDIRECT, MAP_READ, STORAGE, UNIFORM } from "../device/usage.js";
import { PLAN_WORDS } from "../shaders/planner-shader.js";
import { counterWords, countsBytes, isIndirect } from "../shaders/program-shader.js";
import { Arena, arenaBytes } from "./arena.js";
import { type Down, type Made, type Product, release } from "./product.js";
import type { ArraySize, GpuRun, Need, StageNeed } from "./program-need.js";
import type { BindGroups, Piece, ProgramStage } from "./program-stages.js";

const DATA = STORAGE | COPY_SRC | COPY_DST;

/** Programs of a chain on one device. */
export interface Opened {
  readonly session: Session;
  readonly stages: readonly ProgramStage[];
  readonly binds: BindGroups;
}

/** Memory of a message for one stage. */
interface StageMemory {
  /** Bound buffers, in binding order. */
  readonly pieces: readonly Piece[];
  /** Offset of the counts of passes that run once. */
  readonly counts: number;
  /** Arguments of dispatches that the device plans. */
  readonly args: GPUBuffer | undefined;
}

/** A message with its memory, by stage, and its result. */
interface Prepared {
  readonly need: Need;
  readonly stages: readonly StageMemory[];
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
  /** Current pipeline and bindings of the pass; most messages of a batch use the same pipelines. */
  #pipeline: GPUComputePipeline | undefined;
  #bound = "";
  #group: GPUBindGroup | undefined;
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
      const stages = this.#memoryOf(need, buffers);
      const last = (stages.at(-1) as StageMemory).pieces;
      const product = { buffers, result: this.#downOf("result", last), counts: this.#countsDown(buffers, last) };
      this.#prepared.push({ need, stages, product });
      this.products[place] = product;
    } catch (error) {
      this.failures.set(place, error);
      this.#broken.push({ buffers, result: undefined, counts: undefined });
    }
  }

  /** Encodes all stages for all messages. */
  run(pass: GPUComputePassEncoder): void {
    for (const { need, stages } of this.#prepared) {
      for (const [index, memory] of stages.entries()) {
        const stageNeed = need.stages[index] as StageNeed;
        for (const run of stageNeed.runs) this.#run(pass, index, run, stageNeed, memory);
      }
    }
  }

  #run(pass: GPUComputePassEncoder, index: number, run: GpuRun, need: StageNeed, memory: StageMemory): void {
    const stage = this.#opened.stages[index] as ProgramStage;
    const { plan, shader } = stage;
    const { args, pieces } = memory;
    const isPlanned = args !== undefined && isIndirect(plan, run.pass);
    if (run.grid === undefined && !isPlanned) return;
    const { lanes, isWhole, isStepped } = shader.passes[run.pass] as ProgramStage["shader"]["passes"][number];
    if (isPlanned) this.#plan(pass, stage, lanes, run, memory);
    const isFilled = !isPlanned && run.grid?.[1] === 1 && run.size[0] % lanes === 0;
    if (isStepped || isPlanned || run.uniforms !== undefined || (!isFilled && !isWhole)) this.#isArenaRead = true;
    const pipeline = (isFilled ? stage.filled : stage.pipelines)[run.pass] as GPUComputePipeline;
    const counts = this.#arena.countsOf(plan, need, run, memory.counts);
    const uniforms = run.uniforms === undefined ? 0 : this.#arena.uniforms(plan, run.uniforms);
    this.#bind(pass, pipeline, `${index}`, pieces, plan.uniforms === undefined ? [counts] : [counts, uniforms]);
    if (isPlanned) pass.dispatchWorkgroupsIndirect(args, 12 * run.pass);
    else pass.dispatchWorkgroups(...(run.grid as GpuRun["size"]));
    this.dispatches++;
  }

  /** Lets the device plan a dispatch. */
  #plan(
    pass: GPUComputePassEncoder,
    { plan, planner, shader }: ProgramStage,
    lanes: number,
    run: GpuRun,
    { pieces, args }: StageMemory,
  ): void {
    const counters = pieces[offsets(plan) + shader.slots.findIndex(({ from }) => from === "counts")] as Piece;
    const own = { buffer: args as GPUBuffer, offset: 0, size: 12 * plan.passes.length };
    const settings = { buffer: this.#memory, offset: 0, size: PLAN_WORDS * 4 };
    this.#bind(
      pass,
      planner as GPUComputePipeline,
      "planner",
      [settings, counters, own],
      [this.#arena.plan(plan, lanes, run)],
    );
    pass.dispatchWorkgroups(1);
    this.dispatches++;
  }

  #bind(
    pass: GPUComputePassEncoder,
    pipeline: GPUComputePipeline,
    index: string,
    pieces: readonly Piece[],
    at: readonly number[],
  ): void {
    if (pipeline !== this.#pipeline) pass.setPipeline(pipeline);
    this.#pipeline = pipeline;
    const group = this.#opened.binds.get(pipeline, index, pieces);
    const bound = at.join();
    if (group === this.#group && bound === this.#bound) return;
    pass.setBindGroup(0, group, at);
    this.#group = group;
    this.#bound = bound;
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
      copy(this.#encoder, product.counts, staging);
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

  #memoryOf({ message, stages: needs }: Need, buffers: Map<string, Made>): StageMemory[] {
    const { session, stages } = this.#opened;
    const finals = this.#finals(needs.at(-1) as StageNeed, buffers);
    let inputs = new Map<string, Piece>();
    const { update } = (stages[0] as ProgramStage).plan;
    for (const [name, { bytes }] of (needs[0] as StageNeed).inputs) {
      const shared = message[name] as SharedBuffer;
      if (update.includes(name)) {
        const piece = finals.get(`-1:${name}`) ?? this.#data(bytes);
        this.up += uploadTo(session, this.#encoder, shared, piece.buffer, bytes);
        inputs.set(name, piece);
        continue;
      }
      const { side, bytesUp } = upload(session, shared, bytes);
      this.up += bytesUp;
      inputs.set(name, { buffer: side.buffer, offset: 0, size: bytes });
    }
    return stages.map((stage, index) => {
      const { plan, shader } = stage;
      const need = needs[index] as StageNeed;
      if (shader.hasLengths) this.#isArenaRead = true;
      const outputs = new Map<string, Piece>();
      const pieces: Piece[] = [{ buffer: this.#memory, offset: 0, size: countsBytes(plan) }];
      if (plan.uniforms !== undefined)
        pieces.push({ buffer: this.#memory, offset: 0, size: roundUp(plan.uniforms.stride, 16) });
      for (const { from, name, as } of shader.slots) {
        if (from === "input") pieces.push(inputs.get(name) as Piece);
        else if (from === "params") pieces.push(this.#params(this.#packers[index] as Packer, need.view));
        else if (from === "result") pieces.push(this.#cleared(roundUp(plan.output.stride, 4)));
        else if (from === "lookup") pieces.push(lookupOf(stage, name));
        else if (from === "counts") pieces.push(this.#cleared(4 * counterWords(plan)));
        else {
          const isUpdate = from === "output" && plan.update.includes(name);
          const size = (from === "output" ? need.outputs : need.scratch).get(name) as ArraySize;
          const known = isUpdate ? inputs.get(name) : from === "output" ? finals.get(`${index}:${name}`) : undefined;
          const piece = known ?? this.#data(size.bytes);
          if (!isUpdate && !isFilled(stage, need, as, size)) this.#clear(piece);
          if (from === "output") outputs.set(name, piece);
          pieces.push(piece);
        }
      }
      inputs = outputs;
      const args = stage.planner && this.#hold(12 * plan.passes.length, STORAGE | INDIRECT | COPY_DST);
      return { pieces, counts: this.#arena.counts(plan, need), args };
    });
  }

  /**
   * Output arrays of the last stage, which belong to the receiver, by the stage that makes them and their name: an
   * array that stages update in place is made by the stage before these, -1 for the input of the first.
   */
  #finals(need: StageNeed, buffers: Map<string, Made>): Map<string, Piece> {
    const { session, stages } = this.#opened;
    const pieces = new Map<string, Piece>();
    const { plan } = stages.at(-1) as ProgramStage;
    for (const { name, field } of plan.output.plan.buffers) {
      let maker = stages.length - 1;
      while (stages[maker]?.plan.update.includes(name)) maker--;
      const { length, own, bytes } = need.outputs.get(name) as ArraySize;
      const side = new GpuSide(session, own, bytes, this.#readLater);
      const down = this.#readLater === undefined ? this.#comesDown(side.buffer, roundUp(own, 4)) : undefined;
      const counter = plan.counters.indexOf(name);
      buffers.set(name, { elements: (field as AnyField)["~elements"], length, side, down, counter });
      pieces.set(`${maker}:${name}`, { buffer: side.buffer, offset: 0, size: bytes });
    }
    return pieces;
  }

  /** A small result of the last stage that is read back. */
  #downOf(kind: "result" | "counts", pieces: readonly Piece[]): Down | undefined {
    const { plan, shader } = this.#opened.stages.at(-1) as ProgramStage;
    const slot = shader.slots.findIndex(({ from }) => from === kind);
    if (slot < 0) return undefined;
    const { buffer, size } = pieces[slot + offsets(plan)] as Piece;
    return this.#comesDown(buffer, size);
  }

  #countsDown(buffers: ReadonlyMap<string, Made>, pieces: readonly Piece[]): Down | undefined {
    return [...buffers.values()].some(({ counter }) => counter >= 0) ? this.#downOf("counts", pieces) : undefined;
  }

  #comesDown(from: GPUBuffer, bytes: number): Down {
    const at = this.down;
    this.down = roundUp(at + bytes, 8);
    return { from, at, bytes };
  }

  #params(packer: Packer, view: object): Piece {
    this.#isArenaRead = true;
    return { buffer: this.#memory, offset: this.#arena.fields(packer, view), size: roundUp(packer.stride, 4) };
  }

  #data(bytes: number): Piece {
    return { buffer: this.#hold(bytes, DATA), offset: 0, size: bytes };
  }

  #cleared(bytes: number): Piece {
    const piece = this.#data(bytes);
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

/** Number of bindings before those of `slots`: the uniforms. */
const offsets = ({ uniforms }: ProgramPlan) => (uniforms === undefined ? 1 : 2);

function lookupOf({ plan, lookups }: ProgramStage, name: string): Piece {
  const buffer = lookups[plan.lookups.findIndex((lookup) => lookup.name === name)] as GPUBuffer;
  return { buffer, offset: 0, size: buffer.size };
}

/** True if some pass writes every element before any is read: see `PassText.fills`. */
function isFilled({ plan, shader }: ProgramStage, { runs }: StageNeed, as: string, size: ArraySize): boolean {
  if (size.own !== size.bytes) return false;
  return runs.some(
    ({ pass, step, size: [count], isList }) =>
      step === 0 &&
      !isList &&
      count >= size.length &&
      shader.passes[pass]?.fills.has(as) === true &&
      !isIndirect(plan, pass),
  );
}

function copy(encoder: GPUCommandEncoder, down: Down | undefined, to: GPUBuffer | undefined): void {
  if (down !== undefined && down.bytes > 0 && to !== undefined) {
    encoder.copyBufferToBuffer(down.from, 0, to, down.at, down.bytes);
  }
}
