import { type DeviceTelemetry, isRinglineError } from "@ringline/core";
import {
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  createMessage,
  type KernelDefinition,
  Packer,
  type ProgramPlan,
  SharedBuffer,
  stagesOf,
} from "@ringline/core/internal";
import type { DeviceManager } from "../device/device-manager.js";
import { awayFrom } from "../device/gpu-side.js";
import { type PassTimer, TIMES, timeBetween } from "../device/pass-timers.js";
import { BatchAttempts } from "./batch-attempts.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { passOf } from "./map-path.js";
import { bodyOf, release } from "./product.js";
import { type Opened, ProgramBatch } from "./program-batch.js";
import { type Need, needOf, type View } from "./program-need.js";
import { BindGroups, openPrograms } from "./program-stages.js";

/** Maximum number of messages of a batch. */
const MOST = 16;
/** Duration in milliseconds from which messages are submitted one by one. */
const APART = 1;
/** Maximum bytes of arrays that are allocated on the device for one group. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Result of a message. */
type Done = { readonly body: object } | { readonly failure: unknown };
/** Indexes of messages that failed together. */
interface Failed {
  readonly places: readonly number[];
  readonly error: unknown;
}

/** Runs a chain of programs on the device; most chains are one program long. Intermediate results are not read back. */
export class ProgramUnit implements BatchExecutor {
  readonly linger = 0;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #devices: DeviceManager;
  readonly #kernel: KernelDefinition;
  readonly #ids: readonly string[];
  readonly #plans: readonly ProgramPlan[];
  /** Buffers of each input message. */
  readonly #inputs: ProgramPlan["input"]["plan"]["buffers"];
  readonly #packers: readonly Packer[];
  readonly #output: ProgramPlan["output"];
  readonly #unpacker: Packer;
  /** Counter of bytes that are read back later, if arrays are read on demand. */
  readonly #readLater: ((bytes: number) => void) | undefined;
  #opened: Opened | undefined;
  /** Milliseconds per message of the latest batch. */
  #took = Number.POSITIVE_INFINITY;

  constructor(kernel: KernelDefinition, keeper: DeviceManager) {
    this.#devices = keeper;
    this.#kernel = kernel;
    const stages = stagesOf(kernel);
    this.#ids = stages.map(({ id }) => id);
    this.#plans = stages.map(({ plan }) => plan as ProgramPlan);
    this.#inputs = (this.#plans[0] as ProgramPlan).input.plan.buffers;
    this.depth = keeper.settings.depth;
    if (keeper.settings.readback === "lazy") this.#readLater = (bytes) => this.#read(bytes);
    this.#packers = this.#plans.map(({ input }) => new Packer(input.plan, input.stride));
    this.#output = (this.#plans.at(-1) as ProgramPlan).output;
    this.#unpacker = new Packer(this.#output.plan, this.#output.stride);
  }

  async open(): Promise<void> {
    await this.#ready();
  }

  isFull(messages: readonly AnyMessage[]): boolean {
    if (messages.length >= MOST) return true;
    let bytes = 0;
    for (const message of messages) for (const array of this.#arraysOf(message)) bytes += array.byteLength;
    return bytes >= this.#devices.settings.batchBytes;
  }

  #arraysOf(message: AnyMessage): SharedBuffer[] {
    const view = message as unknown as View;
    return this.#inputs.map(({ name }) => view[name]).filter((value) => value instanceof SharedBuffer);
  }

  async run(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const began = performance.now();
    const done = await this.#work(messages, new BatchAttempts());
    this.#took = (performance.now() - began) / messages.length;
    const output = (index: number) => {
      const one = done[index] as Done;
      if ("failure" in one) throw one.failure;
      return createMessage(this.#output.type, one.body, undefined);
    };
    return { output, release() {} };
  }

  /** Processes messages; returns the result of each. Never rejects. */
  async #work(messages: readonly AnyMessage[], tries: BatchAttempts): Promise<readonly Done[]> {
    const done: Done[] = [];
    for (const { places, error } of await this.#onDevice(messages, done, tries.timeout(this.#devices.settings))) {
      const failed = places.map((place) => messages[place] as AnyMessage);
      const made = await this.#afterFailure(error, failed, tries.copy());
      for (const [i, place] of places.entries()) done[place] = made[i] as Done;
    }
    return done;
  }

  async #afterFailure(error: unknown, messages: readonly AnyMessage[], tries: BatchAttempts): Promise<readonly Done[]> {
    const { settings, canReopen } = this.#devices;
    const isLost = isRinglineError(error, "DEVICE_LOST");
    if (isLost && settings.onDeviceLost === "host") return this.#onHost(messages);
    const next = isLost ? tries.after(error, messages.length, settings, canReopen) : "split";
    if (next === "again") {
      this.#counts.repeated++;
      return this.#work(messages, tries);
    }
    if (next === "fail" || messages.length === 1) return messages.map(() => ({ failure: error }));
    // each alone, to find out which of them failed
    const done: Done[] = [];
    for (const message of messages) {
      this.#counts.repeated++;
      done.push(...(await this.#work([message], tries)));
    }
    return done;
  }

  #read(bytes: number): void {
    this.#counts.submits++;
    this.#counts.readbacks++;
    this.#counts.bytesDown += bytes;
  }

  stats(): DeviceTelemetry {
    return deviceTelemetry(this.#counts, this.#devices);
  }

  dispose(): void {
    const { session, stages } = this.#opened ?? {};
    for (const buffer of stages?.flatMap(({ lookups }) => lookups) ?? []) session?.pool.drop(buffer);
  }

  async #ready(): Promise<Opened> {
    if (this.#opened !== undefined && this.#opened.session.lost === undefined) return this.#opened;
    const session = await this.#devices.session();
    const stages = await openPrograms(session, this.#plans, this.#ids);
    if (this.#opened?.session !== session) this.#opened = { session, stages, binds: new BindGroups(session) };
    return this.#opened;
  }

  /** Processes messages on the device and fills `done` by index. Returns the failures. */
  async #onDevice(messages: readonly AnyMessage[], done: Done[], timeout: number): Promise<readonly Failed[]> {
    const failed: Failed[] = [];
    let opened: Opened;
    try {
      opened = this.#opened?.session.lost === undefined && this.#opened ? this.#opened : await this.#ready();
    } catch (error) {
      return [{ places: [...messages.keys()], error }];
    }
    const { session, stages } = opened;
    const arrays = messages.flatMap((message) => this.#arraysOf(message));
    const away = awayFrom(session, arrays);
    if (away.length > 0) await Promise.allSettled(away.map((array) => array.read())); // a lost array fails when it is used
    const groups = new Groups(Math.min(MOST_BYTES, session.device.limits.maxBufferSize));
    for (const [place, message] of messages.entries()) {
      try {
        groups.add(place, needOf(stages, message as unknown as View, session.device.limits));
      } catch (failure) {
        done[place] = { failure };
      }
    }
    const work = async ({ places, needs }: Group) => {
      try {
        if (session.lost !== undefined) throw session.lostError();
        const made = await this.#batch(opened, needs, timeout);
        for (const [i, place] of places.entries()) done[place] = made[i] as Done;
      } catch (error) {
        failed.push({ places, error });
      }
    };
    // separate submissions identify a message that never ends; their cost matters only for short messages
    const isApart = this.#took >= APART;
    for (const group of groups.all) {
      if (!isApart || group.places.length === 1) await work(group);
      else
        await Promise.all(group.places.map((place, i) => work({ places: [place], needs: [group.needs[i] as Need] })));
    }
    return failed;
  }

  async #batch(opened: Opened, needs: readonly Need[], timeout: number): Promise<readonly Done[]> {
    const { session } = opened;
    const timer = session.timers?.take();
    const counts = this.#counts;
    counts.inFlight++;
    try {
      const { made: batch, refused } = session.watch(() => this.#submit(opened, needs, timer));
      const { products, failures, staging, bytes } = batch;
      const read = (mapped: ArrayBuffer | undefined) => {
        if (timer !== undefined && mapped !== undefined) counts.deviceTime += timeBetween(mapped, batch.down);
        return products.map((product, i): Done => {
          if (product === undefined) return { failure: failures.get(i) };
          try {
            return { body: bodyOf(product, this.#output.plan.names, this.#unpacker, mapped) };
          } catch (failure) {
            return { failure };
          }
        });
      };
      try {
        let done: readonly Done[];
        if (staging === undefined) {
          await session.done(timeout, refused);
          done = read(undefined);
        } else {
          done = await session.read(staging, bytes, timeout, refused, read);
          counts.readbacks++;
          session.pool.give(staging);
        }
        counts.bytesDown += batch.down;
        return done;
      } catch (error) {
        for (const product of products) if (product !== undefined) release(product);
        if (staging !== undefined) session.pool.drop(staging);
        throw error;
      }
    } finally {
      counts.inFlight--;
      if (timer !== undefined) session.timers?.give(timer);
    }
  }

  /** Encodes and submits a batch. */
  #submit(opened: Opened, needs: readonly Need[], timer: PassTimer | undefined) {
    const { device } = opened.session;
    const counts = this.#counts;
    const encoder = device.createCommandEncoder();
    const batch = new ProgramBatch(opened, this.#packers, encoder, needs, this.#readLater);
    try {
      const pass = encoder.beginComputePass(passOf(timer?.writes));
      batch.run(pass);
      pass.end();
      const bytes = batch.down + (timer === undefined ? 0 : TIMES);
      const staging = batch.end(timer === undefined ? 0 : TIMES);
      if (staging !== undefined) timer?.copyDown(encoder, staging, batch.down);
      device.queue.submit([encoder.finish()]);
      counts.bytesUp += batch.up;
      counts.dispatches += batch.dispatches;
      counts.submits++;
      counts.batches++;
      const { products, failures, down } = batch;
      return { products, failures, down, staging, bytes };
    } catch (error) {
      for (const product of batch.products) if (product !== undefined) release(product);
      throw error;
    } finally {
      batch.letGo();
    }
  }

  /** Processes messages with the host bodies. */
  async #onHost(messages: readonly AnyMessage[]): Promise<readonly Done[]> {
    const host = this.#kernel.handle as unknown as ChainStage["host"];
    const done: Done[] = [];
    for (const message of messages) {
      try {
        done.push({ body: (await host(message, {})) as object });
      } catch (failure) {
        done.push({ failure });
      }
    }
    return done;
  }
}

interface Group {
  readonly places: readonly number[];
  readonly needs: readonly Need[];
}

/** Groups of messages that are submitted together, limited by the bytes allocated for them. */
class Groups {
  readonly all: { readonly places: number[]; readonly needs: Need[]; bytes: number }[] = [];
  readonly #most: number;

  /** `most`: maximum bytes of a group; a message that needs more has a group of its own. */
  constructor(most: number) {
    this.#most = most;
  }

  add(place: number, need: Need): void {
    let last = this.all.at(-1);
    if (last === undefined || last.bytes + need.bytes > this.#most) {
      last = { places: [], needs: [], bytes: 0 };
      this.all.push(last);
    }
    last.places.push(place);
    last.needs.push(need);
    last.bytes += need.bytes;
  }
}
