import type { DurableFlow } from "../durable/durable-flow.js";
import type { Journal } from "../durable/journal.js";
import type { KeptLetters } from "../durable/kept-letters.js";
import type { StateLog } from "../durable/state-log.js";
import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { Backend, CoreServices, Keep, Keeper, Place } from "../seam/backend.js";
import type { RuntimeEvents } from "./runtime-types.js";

/** Events of places. */
interface PlaceEvents {
  device(event: RuntimeEvents["device"]): void;
  connection(event: RuntimeEvents["connection"]): void;
  recovered(event: RuntimeEvents["recovered"]): void;
}

/** The started backends of a runtime; each is started when a kernel first needs it. */
export class Places {
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #core: CoreServices;
  readonly #events: PlaceEvents;
  readonly #started = new Map<string, Promise<Place>>();
  readonly #keep: Keep | undefined;
  #keeper: Promise<Keeper> | undefined;
  /** Journals by flow; those of kernel states by `state <id>`. */
  readonly #journals = new Map<string, Journal>();
  readonly #durable = new Map<string, DurableFlow>();
  #letters: KeptLetters | undefined;

  constructor(backends: ReadonlyMap<string, Backend>, keep: Keep | undefined, core: CoreServices, tell: PlaceEvents) {
    this.#backends = backends;
    this.#keep = keep;
    this.#core = core;
    this.#events = tell;
  }

  /** Starts at the first call. Rejects with `BACKEND_UNAVAILABLE`; the next call tries again. */
  get(name: string): Promise<Place> {
    let place = this.#started.get(name);
    if (place === undefined) {
      place = this.#start(name, this.#backends.get(name) as Backend);
      this.#started.set(name, place);
      place.catch(() => this.#started.delete(name));
    }
    return place;
  }

  /** True if messages are passed by reference, so that buffers on devices are reachable. */
  isHere(name: string): boolean {
    return this.#backends.get(name)?.manifest.transport === "reference";
  }

  /**
   * Takes over a durable flow with the keeper of the runtime, else of this backend, else of another durable backend.
   * Rejects with `UNSUPPORTED`, `BACKEND_UNAVAILABLE`.
   */
  async keep(name: string, flow: string): Promise<DurableFlow> {
    const { clock } = this.#core;
    const begin = clock.now();
    await this.#journals.get(flow)?.close();
    const keeper = await this.#keeperOf(name);
    if (keeper !== undefined) {
      // loaded here and below by the few programs that store anything
      const [{ DurableFlow }, { Journal }] = await Promise.all([
        import("../durable/durable-flow.js"),
        import("../durable/journal.js"),
      ]);
      const journal = await Journal.open(flow, keeper, clock);
      this.#journals.set(flow, journal);
      const records = journal.found;
      const durable = new DurableFlow(journal, clock);
      this.#durable.set(flow, durable);
      this.#events.recovered({ flow, took: clock.now() - begin, records, inputs: durable.inputs.count });
      return durable;
    }
    throw nothingKeeps(name, flow);
  }

  /** The latest durable flow of this name. */
  durable(flow: string): DurableFlow | undefined {
    return this.#durable.get(flow);
  }

  /**
   * Takes over the dead letters that are kept under this name. `onError`: as for `KeptLetters`. Rejects as `keep` does.
   */
  async keepLetters(home: string, name: string, onError: (error: AnyRinglineError) => void): Promise<KeptLetters> {
    const keeper = await this.#keeperOf(home);
    if (keeper === undefined) throw nothingKeeps(home, undefined);
    const { KeptLetters } = await import("../durable/kept-letters.js");
    this.#letters = await KeptLetters.open(name, keeper, this.#core.clock, onError);
    return this.#letters;
  }

  /** Opens the durable state of a kernel outside durable flows. Rejects as `keep` does, and with `STATE_VERSION`. */
  async keepState(name: string, kernel: KernelDefinition): Promise<StateLog> {
    const log = `state ${kernel.id}`;
    await this.#journals.get(log)?.close();
    const keeper = await this.#keeperOf(name);
    if (keeper === undefined) throw nothingKeeps(name, kernel.id);
    const { StateLog } = await import("../durable/state-log.js");
    const state = await StateLog.open(kernel, keeper, this.#core.clock);
    this.#journals.set(log, state.journal);
    return state;
  }

  async #keeperOf(name: string): Promise<Place["keeper"]> {
    if (this.#keep !== undefined) return this.#openKeeper(this.#keep);
    const keeps = (backend: string) => this.#backends.get(backend)?.manifest.capabilities["durable"] === true;
    const keeper = keeps(name) ? name : [...this.#backends.keys()].find(keeps);
    return keeper === undefined ? undefined : (await this.get(keeper)).keeper;
  }

  /** Starts at the first call. Rejects with `BACKEND_UNAVAILABLE`; the next call tries again. */
  #openKeeper(keep: Keep): Promise<Keeper> {
    if (this.#keeper === undefined) {
      this.#keeper = keep.open(this.#core);
      this.#keeper.catch(() => {
        this.#keeper = undefined;
      });
    }
    return this.#keeper;
  }

  /** The longest time in milliseconds that a started place may take to end: see `Place`. */
  endsWithin = 0;

  /** Ends the places, but for one that keeps dead letters: places may make some as they end. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#journals.values()].map((journal) => journal.close()));
    await this.#end((place) => this.#keep !== undefined || this.#letters === undefined || place.keeper === undefined);
  }

  /** Closes the keeper, after `dispose`. */
  async close(): Promise<void> {
    await this.#letters?.journal.close();
    await this.#end((place) => place.keeper !== undefined);
    const keeper = await this.#keeper?.catch(() => undefined);
    await keeper?.close();
  }

  async #end(isNow: (place: Place) => boolean): Promise<void> {
    const ends = [...this.#started.values()].map(async (starting) => {
      const place = await starting.catch(() => undefined);
      if (place !== undefined && isNow(place)) await place.dispose();
    });
    await Promise.all(ends);
  }

  async #start(name: string, backend: Backend): Promise<Place> {
    try {
      const { device, connection } = this.#events;
      const place = await backend.start({
        ...this.#core,
        device: (event) => device({ backend: name, ...event }),
        connection: (event) => connection({ backend: name, ...event }),
      });
      this.endsWithin = Math.max(this.endsWithin, place.endsWithin ?? 0);
      return place;
    } catch (error) {
      if (isRinglineError(error)) throw error;
      throw new errors.BACKEND_UNAVAILABLE({ backend: backend.manifest.name }, { cause: error });
    }
  }
}

function nothingKeeps(backend: string, kernelId: string | undefined) {
  const remedy =
    'Say where to keep it: createRuntime({ keep: sqlite("./state.db") }) of @ringline/sqlite, or a backend that keeps, such as nats() of @ringline/nats; or leave `durable` and `keepDeadLetters` out.';
  return new errors.UNSUPPORTED({ backend, capability: "durable" }, { kernelId, remedy });
}
