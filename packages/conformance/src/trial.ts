import {
  type AnyKernel,
  type AnyRef,
  type AnyRinglineError,
  type Backend,
  createRuntime,
  type DeadLetter,
  type Ledger,
  type Manifest,
  type Names,
  type Runtime,
  type RuntimeOptions,
} from "@ringline/core";
import { fail, ok, show, within } from "./assert.js";
import { settled } from "./ledger.js";
import type { Subject } from "./subject.js";
import { BESIDE, besideBackend } from "./support/beside.js";

/** The runtime of a case: its places are those of the subject. */
// biome-ignore lint/complexity/noBannedTypes: no names, as core has it
export type TrialRuntime<N extends Names = {}> = Runtime<string, N>;
type NamesOf<K extends readonly AnyKernel[]> = {
  readonly [Id in K[number]["id"]]: Extract<K[number], { readonly id: Id }>;
};
type Options<K extends readonly AnyKernel[]> = Omit<RuntimeOptions<Record<string, Backend>, K>, "defaultBackend">;

/** Milliseconds that kernels have to end after a case; then they are abandoned. */
const GRACE = 500;
/** Milliseconds for the whole disposal of one runtime. */
const DISPOSAL = 10_000;
/** Milliseconds for the end of a place. */
const LOSS = 10_000;

/** A runtime of the case, and its events since its creation: messages by kernel. */
interface Watched {
  readonly runtime: TrialRuntime;
  readonly deadLetters: Map<string, number>;
  readonly drops: Map<string, number>;
}

/** The tools of a case: runtimes on a fresh backend, which are disposed and checked once the case is over. */
export class Trial {
  readonly #subject: Subject;
  readonly #watched: Watched[] = [];
  /** Errors that runtimes of this case reported, oldest first. */
  readonly errors: AnyRinglineError[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Fresh backends by name, as the subject makes them; a single one is "main". */
  backends(): Record<string, Backend> {
    const made = this.#subject.create();
    if (typeof made !== "object" || made === null) {
      fail(`create of subject "${this.#subject.name}" returned ${show(made)}: neither a backend nor several by name`);
    }
    return typeof made.start === "function" ? { main: made as Backend } : { ...(made as Record<string, Backend>) };
  }

  /** The names of the subject's backends. */
  get places(): readonly string[] {
    return Object.keys(this.backends());
  }

  /** The manifest of a backend of the subject; of its first one, unless said otherwise. */
  manifest(place?: string): Manifest {
    const backends = this.backends();
    const backend = place === undefined ? Object.values(backends)[0] : backends[place];
    ok(backend, `a backend ${place ?? ""}`);
    return backend.manifest;
  }

  /** The backends whose manifest does not have this capability. */
  lacking(capability: string): readonly string[] {
    return Object.entries(this.backends())
      .filter(([, { manifest }]) => !manifest.capabilities[capability])
      .map(([place]) => place);
  }

  /** A runtime on the subject's backend. If there are several, kernels without a named place are spread over them. */
  runtime<const K extends readonly AnyKernel[] = []>(options: Options<K> = {}): TrialRuntime<NamesOf<K>> {
    const backends = this.backends();
    return this.#create(backends, options, Object.keys(backends));
  }

  /** A runtime with a backend for each of these names, whatever the subject has; kernels start on the first. */
  across<const K extends readonly AnyKernel[] = []>(
    places: readonly string[],
    options: Options<K> = {},
  ): TrialRuntime<NamesOf<K>> {
    const backends: Record<string, Backend> = {};
    for (const [i, place] of places.entries()) {
      const fresh = Object.values(this.backends());
      backends[place] = fresh[i % fresh.length] as Backend;
    }
    return this.#create(backends, options, []);
  }

  /**
   * A runtime on the subject's backend with one more, in this process and never lost: `BESIDE`, for kernels that say
   * so.
   */
  runtimeWithBeside(): TrialRuntime {
    const backends = this.backends();
    return this.#create({ ...backends, [BESIDE]: besideBackend() }, {}, Object.keys(backends));
  }

  /** True if the subject can lose a place. */
  get canLose(): boolean {
    return this.#subject.lose !== undefined;
  }

  /** Loses a place, by the name that `inspect` gives it. Resolves when it has ended. */
  async lose(place: string): Promise<void> {
    if (this.#subject.lose === undefined) {
      fail(`the manifest says "losable", and subject "${this.#subject.name}" has no \`lose\``);
    }
    await within(LOSS, Promise.resolve(this.#subject.lose(place)), `the loss of ${place}`);
  }

  /** Ends the case here, as not run. Counts as a failure in strict mode, unless a manifest lacks `capability`. */
  skip(reason: string, capability?: string): never {
    throw new Skip(reason, capability !== undefined && this.lacking(capability).length > 0);
  }

  /** Disposes what the case has created. All accepted messages must be settled, counted and reported. */
  async end(): Promise<void> {
    const ends = await Promise.allSettled(this.#watched.map((watched) => this.#end(watched)));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #create<const K extends readonly AnyKernel[]>(
    backends: Record<string, Backend>,
    options: Options<K>,
    spread: readonly string[],
  ): TrialRuntime<NamesOf<K>> {
    const runtime = createRuntime({ ...options, backends } as RuntimeOptions<Record<string, Backend>, K> & {
      readonly backends: Record<string, Backend>;
    }) as unknown as TrialRuntime<NamesOf<K>>;
    const watched: Watched = { runtime: runtime as TrialRuntime, deadLetters: new Map(), drops: new Map() };
    this.#watched.push(watched);
    runtime.on("error", (error) => this.errors.push(error));
    runtime.on("log", () => {}); // cases leave outputs unread on purpose
    runtime.on("drop", ({ kernelId }) => count(watched.drops, kernelId));
    runtime.on("deadLetter", (deadLetter) => {
      if (isOfAPort(deadLetter)) count(watched.deadLetters, deadLetter.kernelId);
    });
    if (spread.length > 0) spreadLaunches(runtime as TrialRuntime, spread);
    return runtime;
  }

  async #end(told: Watched): Promise<void> {
    const { runtime } = told;
    const ledgers = await within(DISPOSAL, runtime.dispose({ timeout: GRACE }), "dispose of the runtime");
    for (const [port, ledger] of ledgers) settled(port, ledger);
    for (const { id, state } of runtime.kernels) {
      ok(state === "terminated" || state === "failed", `after dispose kernel ${id} is ${state}`);
    }
    for (const { id } of runtime.kernels) {
      compare(`dead letters of ${id}`, ledgers, id, "deadLettered", told.deadLetters);
      compare(`drops of ${id}`, ledgers, id, "dropped", told.drops);
    }
  }
}

/** Thrown by a case that does not run here. */
export class Skip extends Error {
  constructor(
    readonly reason: string,
    /** True if the manifest of the backend declares that it lacks the capability. */
    readonly isDeclared: boolean,
  ) {
    super(reason);
  }
}

/** Answers that came too late were never in a port. */
function isOfAPort({ reason }: DeadLetter): boolean {
  return reason !== "LATE_REPLY";
}

function count(counts: Map<string, number>, kernelId: string): void {
  counts.set(kernelId, (counts.get(kernelId) ?? 0) + 1);
}

/** Compares the events of a kernel with its ledgers: each drop and dead letter was reported once. */
function compare(
  what: string,
  ledgers: ReadonlyMap<string, Ledger>,
  id: string,
  entry: "deadLettered" | "dropped",
  announced: ReadonlyMap<string, number>,
): void {
  const [input, output] = [ledgers.get(`${id}.input`), ledgers.get(`${id}.output`)];
  const counted = (input?.[entry] ?? 0) + (output?.[entry] ?? 0);
  const told = announced.get(id) ?? 0;
  if (counted !== told) fail(`${what}: ${counted} in its ledgers, ${told} announced: ${show({ input, output })}`);
}

/** Assigns launches without a named place to the places in turn. */
function spreadLaunches(runtime: TrialRuntime, places: readonly string[]): void {
  let next = 0;
  for (const name of ["launch", "start"] as const) {
    const original = runtime[name] as (kernel: AnyKernel | string, options?: object) => Promise<AnyRef>;
    const spread = (kernel: AnyKernel | string, options?: { readonly backend?: string }) => {
      const backend = options?.backend ?? places[next++ % places.length];
      return original.call(runtime, kernel, { ...options, backend });
    };
    Object.defineProperty(runtime, name, { value: spread });
  }
}
