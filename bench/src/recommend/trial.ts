import { createRuntime, type Flow, type Header } from "@ringline/core";
import { type BackendName, backendOf } from "../backends.js";
import { median } from "../stats/quantile.js";
import type { Program } from "./load-program.js";

/** One way to run the user's pipeline. */
export interface Way {
  readonly backend: BackendName;
  /** Threads of the backend; null where it has none. */
  readonly threads: number | null;
  /** Given to the user's function; null where there is none. */
  readonly workers: number | null;
  /** Most inputs in the flow at once; null for the default. */
  readonly inFlight: number | null;
}

/** Result of one placement. */
export interface Found {
  readonly way: Way;
  /** Inputs a second; medians over the rounds. */
  readonly perSecond: number;
  /** Microseconds of CPU time an input, all threads. */
  readonly cpu: number;
  /** Milliseconds from the acceptance of an input until it is settled. */
  readonly p50: number;
  readonly p99: number;
  /** Outputs for each input. */
  readonly outputs: number;
  /** The stage that holds the others up; null where none does. */
  readonly bottleneck: string | null;
  /** The stage that takes longest for a message, and how long, in milliseconds. */
  readonly longest: { readonly stage: string; readonly time: number } | null;
  /** The adapter that it ran on, where any stage ran on one. */
  readonly adapter: { readonly name: string; readonly isSoftware: boolean } | null;
}

export interface Tried {
  readonly found: readonly Found[];
  /** Ways that do not work, and why. */
  readonly refused: readonly { readonly way: Way; readonly why: string }[];
}

/** A way that is open and can be tried again and again. */
export class Trial {
  readonly #rates: number[] = [];
  readonly #costs: number[] = [];
  #inputs = 0;
  #outputs = 0;

  private constructor(
    readonly way: Way,
    private readonly program: Program,
    private readonly flow: Flow<Header, Header>,
    private readonly end: () => Promise<unknown>,
  ) {}

  static async open(way: Way, program: Program): Promise<Trial> {
    const backend = await backendOf(way.backend, way.threads === null ? {} : { threads: way.threads });
    const runtime = createRuntime({ backend });
    runtime.on("error", () => {}); // what fails on a backend fails on all, and shows in the outputs
    try {
      const options = way.inFlight === null ? {} : { maxInFlight: way.inFlight };
      const flow = await runtime.run(program.build(way.workers ?? 1), options);
      return new Trial(way, program, flow, () => runtime.dispose());
    } catch (error) {
      await runtime.dispose();
      throw error;
    }
  }

  /** The sample, again and again for at least so many milliseconds. `counts`: false while it warms up. */
  async round(duration: number, counts: boolean): Promise<void> {
    const before = process.cpuUsage();
    const started = performance.now();
    let [inputs, outputs] = [0, 0];
    const { sample } = this.program;
    const counted = async function* () {
      for await (const message of sample()) {
        inputs++;
        yield message;
      }
    };
    do {
      for await (const output of this.flow.process(counted())) {
        outputs++;
        releaseBuffers(output);
      }
    } while (performance.now() - started < duration && inputs > 0);
    if (inputs === 0) throw new Error("the sample is empty");
    if (!counts) return;
    const { user, system } = process.cpuUsage(before);
    this.#rates.push(inputs / ((performance.now() - started) / 1000));
    this.#costs.push((user + system) / inputs);
    this.#inputs += inputs;
    this.#outputs += outputs;
  }

  async found(): Promise<Found> {
    const { latency, bottleneck, stages } = await this.flow.telemetry();
    const deadLetters = this.flow.deadLetters.take();
    if (this.#outputs === 0 && deadLetters[0] !== undefined) throw deadLetters[0].error;
    const slowest = [...stages].sort((a, b) => b.processing.p50 - a.processing.p50)[0];
    const device = stages.find((stage) => (stage.device?.dispatches ?? 0) > 0)?.device;
    return {
      way: this.way,
      perSecond: median(this.#rates),
      cpu: median(this.#costs),
      p50: latency.p50,
      p99: latency.p99,
      outputs: this.#outputs / this.#inputs,
      bottleneck,
      longest: slowest === undefined ? null : { stage: slowest.stage, time: slowest.processing.p50 },
      adapter: device === undefined ? null : { name: device.adapter ?? "the adapter", isSoftware: device.isSoftware },
    };
  }

  close(): Promise<unknown> {
    return this.end();
  }
}

/** Releases the buffers of an output, which belong to its receiver. */
function releaseBuffers(message: object): void {
  for (const value of Object.values(message)) {
    if (typeof value === "object" && value !== null && "byteLength" in value && "release" in value) {
      (value as { release(): void }).release();
    }
  }
}

export function nameOf({ backend, threads, workers, inFlight }: Way): string {
  const details = [
    ...(threads === null ? [] : [`${threads} ${threads === 1 ? "thread" : "threads"}`]),
    ...(workers === null ? [] : [`workers: ${workers}`]),
    ...(inFlight === null ? [] : [`${inFlight} at once`]),
  ];
  return [backend, ...details].join(", ");
}
