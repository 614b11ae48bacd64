import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { Backend, CoreServices, DeviceChange, Place } from "../seam/backend.js";

/** The started backends of a runtime; each is started when a kernel first needs it. */
export class Places {
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #core: CoreServices;
  readonly #onDevice: (event: DeviceChange & { readonly backend: string }) => void;
  readonly #started = new Map<string, Promise<Place>>();

  constructor(
    backends: ReadonlyMap<string, Backend>,
    core: CoreServices,
    onDevice: (event: DeviceChange & { readonly backend: string }) => void,
  ) {
    this.#backends = backends;
    this.#core = core;
    this.#onDevice = onDevice;
  }

  /** Rejects with `BACKEND_UNAVAILABLE`; the next call tries again. */
  get(name: string): Promise<Place> {
    let place = this.#started.get(name);
    if (place === undefined) {
      place = this.#start(name, this.#backends.get(name) as Backend);
      this.#started.set(name, place);
      place.catch(() => this.#started.delete(name));
    }
    return place;
  }

  /** True where messages go by reference, and so reach what is on devices. */
  isHere(name: string): boolean {
    return this.#backends.get(name)?.manifest.transport === "reference";
  }

  async dispose(): Promise<void> {
    const started = await Promise.allSettled(this.#started.values());
    await Promise.all(started.map((place) => (place.status === "fulfilled" ? place.value.dispose() : undefined)));
  }

  async #start(name: string, backend: Backend): Promise<Place> {
    try {
      const device = (event: DeviceChange) => this.#onDevice({ backend: name, ...event });
      return await backend.start({ ...this.#core, device });
    } catch (error) {
      if (isRinglineError(error)) throw error;
      throw new errors.BACKEND_UNAVAILABLE({ backend: backend.manifest.name }, { cause: error });
    }
  }
}
