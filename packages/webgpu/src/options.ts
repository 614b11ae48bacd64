import { errors } from "@ringline/core";
import { checkOptions } from "@ringline/core/internal";
import type { AdapterFacts } from "./device/adapter-facts.js";
import type { PoolOptions } from "./device/buffer-pool.js";

/** Options of `webgpu()`. */
export interface WebGpuOptions {
  /** An existing device. It is not destroyed by the backend, and not replaced once it is lost. */
  readonly device?: GPUDevice | undefined;
  /**
   * Choice of the adapter: a part of its name, regardless of case, or a function that returns true for it. The adapters
   * of the system for low power, for high performance, and its fallback are tried; if none suits, starting fails with
   * `BACKEND_UNAVAILABLE`. Several devices in one runtime are several backends: `backends: { a: webgpu({ adapter: "NVIDIA"
   * }), b: webgpu({ adapter: "Intel" }) }`.
   */
  readonly adapter?: string | ((facts: AdapterFacts) => boolean) | undefined;
  /**
   * The kind of adapter to prefer.
   *
   * @default the system decides
   */
  readonly powerPreference?: "low-power" | "high-performance" | undefined;
  /**
   * Limits that a device must have, beyond the defaults of WebGPU: `{ maxComputeInvocationsPerWorkgroup: 512 }`. Limits
   * of buffer sizes are raised to those of the adapter automatically.
   */
  readonly requiredLimits?: Readonly<Record<string, number>> | undefined;
  /** Features that a device must have. `shader-f16`, `subgroups` and `timestamp-query` are enabled if available. */
  readonly requiredFeatures?: readonly string[] | undefined;
  /** Limits of batches for the device. */
  readonly batch?: {
    /**
     * Maximum bytes of input of one batch, at least 1024.
     *
     * @default 4 MiB
     */
    readonly bytes?: number | undefined;
    /**
     * Maximum number of batches of a kernel in flight, 1 to 16.
     *
     * @default 3
     */
    readonly depth?: number | undefined;
    /**
     * Capacity in messages of a ring between two stages of a chain with filters, at least 1. A full ring stalls the
     * stage before it.
     *
     * @default the size of a batch
     */
    readonly ring?: number | undefined;
  };
  /** Unused device memory, which is kept for a while, as allocation takes milliseconds. */
  readonly pool?: {
    /**
     * Maximum bytes that are kept, 0 or more.
     *
     * @default 128 MiB
     */
    readonly bytes?: number;
    /**
     * Milliseconds after which an unused buffer is freed, more than 0.
     *
     * @default 5_000
     */
    readonly idle?: number;
    /**
     * For tests: fills buffers with garbage, so that reads of unwritten memory show.
     *
     * @default false
     */
    readonly poison?: boolean;
  };
  /**
   * Behaviour without an adapter: `BACKEND_UNAVAILABLE` ("error"), or compute kernels run their host body ("host").
   *
   * @default "error"
   */
  readonly fallback?: "error" | "host" | undefined;
  /**
   * Policy for messages that were on a lost device: they are tried again on the next device ("retry"), processed by the
   * host body ("host", if the kernel has no resident state), or fail with `DEVICE_LOST` ("fail"), which `onError`
   * handles like any other error.
   *
   * @default "retry"
   */
  readonly onDeviceLost?: "retry" | "host" | "fail" | undefined;
  /**
   * Readback of the output arrays of programs: with their batch ("eager"), or on demand ("lazy"), so that an array that
   * is passed to the next kernel on the device, or is discarded, is never read back. Until then an array is on one
   * device only: if that is lost, its `side` is "lost", and reading it rejects with `DEVICE_LOST`.
   *
   * @default "eager"
   */
  readonly readback?: "eager" | "lazy" | undefined;
  /**
   * Maximum number of devices that one batch may lose in a row, 1 or more.
   *
   * @default 8
   */
  readonly attempts?: number | undefined;
  /**
   * Measures the time of passes on the device, if the adapter has `timestamp-query`: `deviceTime` in telemetry. Costs a
   * little for each batch.
   *
   * @default false
   */
  readonly timings?: boolean | undefined;
  /**
   * Milliseconds that a batch may take; after that its device counts as stuck and is replaced.
   *
   * @default 30_000
   */
  readonly timeout?: number | undefined;
}

/** Options with all defaults filled in. */
export interface Settings {
  readonly device: GPUDevice | undefined;
  readonly suits: ((facts: AdapterFacts) => boolean) | undefined;
  readonly powerPreference: WebGpuOptions["powerPreference"];
  readonly requiredLimits: Readonly<Record<string, number>>;
  readonly requiredFeatures: readonly GPUFeatureName[];
  readonly batchBytes: number;
  readonly depth: number;
  readonly ring: number;
  readonly pool: PoolOptions;
  readonly fallback: "error" | "host";
  readonly onDeviceLost: "retry" | "host" | "fail";
  readonly readback: "eager" | "lazy";
  readonly attempts: number;
  readonly timings: boolean;
  readonly timeout: number;
}

/** Checks the options. Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: WebGpuOptions): Settings {
  checkOptions(options, KNOWN, "webgpu()");
  checkOptions(options.batch ?? {}, ["bytes", "depth", "ring"], "`batch`", { path: "batch." });
  checkOptions(options.pool ?? {}, ["bytes", "idle", "poison"], "`pool`", { path: "pool." });
  const {
    device,
    adapter,
    powerPreference,
    requiredLimits = {},
    requiredFeatures = [],
    batch = {},
    pool = {},
    ...rest
  } = options;
  const {
    fallback = "error",
    onDeviceLost = "retry",
    readback = "eager",
    attempts = 8,
    timings = false,
    timeout = 30_000,
  } = rest;
  const { bytes = 4 * 1024 * 1024, depth = 3, ring = Number.MAX_SAFE_INTEGER } = batch;
  const { bytes: kept = 128 * 1024 * 1024, idle = 5000, poison = false } = pool;
  oneOf("powerPreference", powerPreference, [undefined, "low-power", "high-performance"]);
  oneOf("fallback", fallback, ["error", "host"]);
  oneOf("onDeviceLost", onDeviceLost, ["retry", "host", "fail"]);
  oneOf("readback", readback, ["eager", "lazy"]);
  whole("batch.bytes", bytes, 1024, Number.MAX_SAFE_INTEGER);
  whole("batch.depth", depth, 1, 16);
  whole("batch.ring", ring, 1, Number.MAX_SAFE_INTEGER);
  whole("pool.bytes", kept, 0, Number.MAX_SAFE_INTEGER);
  milliseconds("pool.idle", idle);
  oneOf("pool.poison", poison, [true, false]);
  whole("attempts", attempts, 1, Number.MAX_SAFE_INTEGER);
  oneOf("timings", timings, [true, false]);
  milliseconds("timeout", timeout);
  if (adapter !== undefined && typeof adapter !== "string" && typeof adapter !== "function") {
    throw wrong("adapter", adapter, "`adapter` is a part of the name of an adapter, or a function.");
  }
  return {
    device,
    suits: typeof adapter === "string" ? named(adapter) : adapter,
    powerPreference,
    requiredLimits,
    requiredFeatures: requiredFeatures as readonly GPUFeatureName[],
    batchBytes: bytes,
    depth,
    ring,
    pool: { bytes: kept, idle, poison },
    fallback,
    onDeviceLost,
    readback,
    attempts,
    timings,
    timeout,
  };
}

const named = (part: string) => (facts: AdapterFacts) => facts.name.toLowerCase().includes(part.toLowerCase());

const KNOWN = [
  ...["device", "adapter", "powerPreference", "requiredLimits", "requiredFeatures", "batch", "pool"],
  ...["fallback", "onDeviceLost", "readback", "attempts", "timings", "timeout"],
];

function oneOf(argument: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  throw wrong(
    argument,
    value,
    `\`${argument}\` is one of ${choices.filter((choice) => choice !== undefined).join(", ")}.`,
  );
}

function whole(argument: string, value: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw wrong(argument, value, `\`${argument}\` is a whole number, at least ${least}.`);
}

function milliseconds(argument: string, value: unknown): void {
  if (typeof value === "number" && value > 0) return;
  throw wrong(argument, value, `\`${argument}\` is milliseconds, more than 0; Infinity for none.`);
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
