import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { definitionOf } from "../kernels/define-kernel.js";
import type { AnyKernel, KernelDefinition } from "../kernels/kernel.js";
import { refuseInKernelModule } from "../kernels/load-kernel.js";
import type { Backend } from "../seam/backend.js";
import type { TelemetryOptions } from "../telemetry/telemetry.js";
import { systemClock } from "../time/clock.js";
import { LocalRuntime } from "./local-runtime.js";
import type { NamesOf, Runtime, RuntimeOptions } from "./runtime-types.js";

const KNOWN = [
  "backend",
  "backends",
  "defaultBackend",
  "kernels",
  "telemetry",
  "deadLetterLimit",
  "keep",
  "keepDeadLetters",
  "clock",
];
/** Default telemetry window, in milliseconds. */
const DEFAULT_WINDOW = 10_000;
const PASS_BACKEND =
  "Pass one backend (`backend: inProcess()`) or several by name (`backends: { main: inProcess() }`).";

/**
 * Creates a runtime, which launches kernels on its backends and routes messages between them and the host. Takes one
 * backend (named "main") or several. Nothing starts before the first launch. End it with `dispose` or `await using`.
 * Throws `INVALID_ARGUMENT`, and `RUNTIME_IN_KERNEL_MODULE` while a kernel module is being loaded.
 *
 * @example
 * await using runtime = createRuntime({ backend: inProcess() });
 * const handle = await runtime.start(square);
 */
export function createRuntime<
  const B extends Record<string, Backend> = { main: Backend },
  const K extends readonly AnyKernel[] = [],
>(
  options: RuntimeOptions<B, K> &
    ({ readonly backend: Backend; readonly backends?: never } | { readonly backends: B; readonly backend?: never }),
): Runtime<keyof NoInfer<B> & string, NamesOf<NoInfer<K>>> {
  refuseInKernelModule();
  if (typeof options !== "object" || options === null) {
    throw new errors.INVALID_ARGUMENT({ argument: "options", value: options }, { remedy: PASS_BACKEND });
  }
  const {
    backend,
    backends,
    kernels = [],
    defaultBackend,
    telemetry,
    deadLetterLimit = 10_000,
    keep,
    keepDeadLetters,
    clock = systemClock,
  } = options;
  checkOptions(options, KNOWN, "a runtime");
  if (typeof clock?.now !== "function" || typeof clock.after !== "function") {
    throw new errors.INVALID_ARGUMENT(
      { argument: "clock", value: clock },
      { remedy: "Pass virtualClock(), in tests." },
    );
  }
  if (keep !== undefined && typeof keep?.open !== "function") {
    throw new errors.INVALID_ARGUMENT(
      { argument: "keep", value: keep },
      { remedy: 'Pass sqlite("./state.db"), or leave it out.' },
    );
  }
  if (keepDeadLetters !== undefined && (typeof keepDeadLetters !== "string" || keepDeadLetters === "")) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "keepDeadLetters", value: keepDeadLetters },
      { remedy: 'A name that later programs have as well, such as "orders", or leave it out.' },
    );
  }
  const places = placesOf(backend, backends);
  const home = defaultBackend ?? ([...places.keys()][0] as string);
  if (!places.has(home)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "defaultBackend", value: home },
      { remedy: `Backends of this runtime are ${[...places.keys()].join(", ")}.` },
    );
  }
  const runtime = new LocalRuntime({
    backends: places,
    home,
    kernels: known(kernels),
    telemetry: telemetryOptions(telemetry),
    deadLetterLimit,
    clock,
    keep,
    keepDeadLetters,
  });
  return runtime as unknown as Runtime<keyof B & string, NamesOf<K>>;
}

function telemetryOptions(telemetry: unknown): TelemetryOptions | undefined {
  if (telemetry === false) return undefined;
  if (telemetry === undefined) return { window: DEFAULT_WINDOW };
  const remedy = "Leave telemetry out, or pass false or { window }, a number of milliseconds.";
  if (typeof telemetry !== "object" || telemetry === null) {
    throw new errors.INVALID_ARGUMENT({ argument: "telemetry", value: telemetry }, { remedy });
  }
  const { window = DEFAULT_WINDOW } = telemetry as { window?: unknown };
  checkOptions(telemetry, ["window"], "telemetry", { path: "telemetry." });
  if (!(typeof window === "number" && window > 0 && window < Number.POSITIVE_INFINITY)) {
    throw new errors.INVALID_ARGUMENT({ argument: "telemetry.window", value: window }, { remedy });
  }
  return { window };
}

function known(kernels: readonly unknown[]): ReadonlyMap<string, KernelDefinition> {
  const definitions = new Map<string, KernelDefinition>();
  if (!Array.isArray(kernels))
    throw new errors.INVALID_ARGUMENT({ argument: "kernels", value: kernels }, { remedy: "Pass a list of kernels." });
  for (const kernel of kernels) {
    const definition = definitionOf(kernel);
    if (definition === undefined) throw new errors.INVALID_ARGUMENT({ argument: "kernels", value: kernel });
    if (definitions.has(definition.id)) {
      throw new errors.INVALID_ARGUMENT(
        { argument: "kernels", value: definition.id },
        { remedy: "Each id may be there once: use `kernel.as(id)` for a copy." },
      );
    }
    definitions.set(definition.id, definition);
  }
  return definitions;
}

function placesOf(backend: unknown, backends: unknown): Map<string, Backend> {
  if ((backend === undefined) === (backends === undefined)) {
    throw new errors.INVALID_ARGUMENT({ argument: "backend", value: backend }, { remedy: PASS_BACKEND });
  }
  const places = new Map(Object.entries(backends ?? { main: backend }));
  if (places.size === 0) throw new errors.INVALID_ARGUMENT({ argument: "backends", value: backends });
  for (const [name, place] of places) {
    if (typeof place?.start !== "function" || typeof place.manifest?.name !== "string") {
      throw new errors.INVALID_ARGUMENT(
        { argument: backend === undefined ? `backends.${name}` : "backend", value: place },
        { remedy: "A backend is what a function such as inProcess() returns: call it." },
      );
    }
  }
  return places as Map<string, Backend>;
}
