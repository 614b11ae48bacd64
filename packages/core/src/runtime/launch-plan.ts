import { errors } from "../errors/ringline-error.js";
import { checkId, idOfTarget } from "../kernels/address.js";
import { definitionOf } from "../kernels/define-kernel.js";
import { checkPortOptions, type KernelDefinition } from "../kernels/kernel.js";
import { checkCommit, planSupervision } from "../kernels/supervision.js";
import type { Backend, Keep } from "../seam/backend.js";
import type { TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { checkWait } from "../time/wait-options.js";
import type { LaunchOptions } from "./runtime-types.js";

/** The options of a runtime once they are checked. */
export interface RuntimeSettings {
  readonly backends: ReadonlyMap<string, Backend>;
  /** The backend of kernels that name none. */
  readonly home: string;
  readonly kernels: ReadonlyMap<string, KernelDefinition>;
  readonly telemetry: TelemetryOptions | undefined;
  readonly deadLetterLimit: number;
  readonly clock: Clock;
  /** Keeper of durable flows. */
  readonly keep: Keep | undefined;
  /** Name under which dead letters are kept. */
  readonly keepDeadLetters: string | undefined;
}

/** A launch with its options checked. */
export interface LaunchPlan {
  readonly kernel: KernelDefinition;
  /** The name of the backend. */
  readonly backend: string;
  /** Ids of peers by their local names. */
  readonly peers: ReadonlyMap<string, string>;
}

/** Checks the options of a launch. Throws `KERNEL_UNKNOWN`, `INVALID_ARGUMENT`, `UNSUPPORTED`. */
export function launchPlan(
  target: unknown,
  options: LaunchOptions<string, string>,
  { backends, home, kernels }: RuntimeSettings,
): LaunchPlan {
  const definition = typeof target === "string" ? kernels.get(target) : definitionOf(target);
  if (definition === undefined) {
    if (typeof target === "string") {
      throw new errors.KERNEL_UNKNOWN({ known: [...kernels.keys()] }, { kernelId: target });
    }
    throw new errors.INVALID_ARGUMENT(
      { argument: "kernel", value: target },
      { remedy: "Launch a kernel made by defineKernel, or the id of a kernel in `createRuntime({ kernels })`." },
    );
  }
  const { id = definition.id, backend = home, peers = {}, queueSize, backpressure, supervise } = options;
  checkWait(options, "launch", id);
  checkPlace(definition, id, backend, backends);
  const port = checkPortOptions({ queueSize, backpressure });
  const plan = checkCommit(planSupervision(supervise, definition.supervise), definition.ack);
  return {
    kernel: { ...definition, id: checkId(id), ...port, supervise: plan },
    backend,
    peers: peerIds(definition, peers),
  };
}

/** Checks that a backend can run a kernel. Throws `INVALID_ARGUMENT`, `UNSUPPORTED`. */
export function checkPlace(
  { needs }: KernelDefinition,
  kernelId: string,
  backend: string,
  backends: RuntimeSettings["backends"],
): void {
  const place = backends.get(backend);
  if (place === undefined) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "backend", value: backend },
      { remedy: `Backends of this runtime are ${[...backends.keys()].join(", ")}.` },
    );
  }
  for (const capability of needs) {
    if (!place.manifest.capabilities[capability]) {
      throw new errors.UNSUPPORTED({ backend: place.manifest.name, capability }, { kernelId });
    }
  }
}

/**
 * Checks a definition that is to replace another one, and returns it with the id, the queue size and the backpressure of
 * the launched kernel. Throws `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `UNSUPPORTED`.
 */
export function swapPlan(
  before: KernelDefinition,
  peers: ReadonlyMap<string, string>,
  definition: unknown,
  backend: string,
) {
  const { id, queueSize, backpressure, onErrorAt } = before;
  const next = definitionOf(definition);
  if (next === undefined) {
    const remedy = "Pass a kernel made by defineKernel.";
    throw new errors.INVALID_ARGUMENT({ argument: "definition", value: definition }, { kernelId: id, remedy });
  }
  for (const end of ["input", "output"] as const) {
    const [wanted, got] = [before[end].map(({ type }) => type), next[end].map(({ type }) => type)];
    const odd = wanted.find((type) => !got.includes(type)) ?? got.find((type) => !wanted.includes(type));
    if (odd === undefined) continue;
    const remedy = `Its ${end} types are ${wanted.join(", ") || "none"}: keep them, or launch another kernel.`;
    throw new errors.TYPE_MISMATCH({ wanted, got: odd }, { kernelId: id, remedy });
  }
  if ([before, next].some(({ durable, compute }) => durable !== undefined || hasResidentState(compute))) {
    const remedy = "A state that outlives the program, or is on a device, is not handed over: terminate and launch.";
    throw new errors.UNSUPPORTED({ backend, capability: "swap" }, { kernelId: id, remedy });
  }
  if ((before.keyed === undefined) !== (next.keyed === undefined)) {
    const remedy = "One has a state by key, and the other has not: terminate and launch.";
    throw new errors.INVALID_ARGUMENT({ argument: "definition", value: definition }, { kernelId: id, remedy });
  }
  const own = [...peers].filter(([name]) => name in next.peers);
  return {
    definition: { ...next, id, queueSize, backpressure, onErrorAt },
    peers: new Map([...peerIds(next, {}), ...own]),
  };
}

/** True for a compute kernel with resident state, which is saved from time to time only. */
export function hasResidentState(compute: KernelDefinition["compute"]): boolean {
  return compute?.kind === "map" && compute.state !== undefined;
}

function peerIds(kernel: KernelDefinition, elsewhere: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  for (const name of Object.keys(elsewhere)) {
    if (!(name in kernel.peers)) {
      throw new errors.INVALID_ARGUMENT(
        { argument: `peers.${name}`, value: elsewhere[name] },
        { kernelId: kernel.id, remedy: `Peers of the kernel are ${Object.keys(kernel.peers).join(", ") || "none"}.` },
      );
    }
  }
  const names = Object.keys(kernel.peers);
  return new Map(names.map((name) => [name, idOfTarget(elsewhere[name] ?? kernel.peers[name])]));
}
