import { type DeviceChange, errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { openSession } from "./open-session.js";
import type { Session } from "./session.js";

/** Keeps one device open: when it is lost, the next one who asks gets another. */
export class Keeper {
  readonly settings: Settings;
  readonly #tell: (event: DeviceChange) => void;
  #session: Promise<Session> | undefined;
  #current: Session | undefined;
  #isClosed = false;
  /** Kernels have it at hand: a lost one is replaced before anybody asks. */
  isWanted = false;
  /** Devices lost so far. */
  losses = 0;

  constructor(settings: Settings, tell: (event: DeviceChange) => void) {
    this.settings = settings;
    this.#tell = tell;
  }

  /** The device that was opened last, lost or not. */
  get latest(): Session | undefined {
    return this.#current;
  }

  /** False where a lost device has no successor: it was given by the user, or all is over. */
  get canReopen(): boolean {
    return !this.#isClosed && this.settings.device === undefined;
  }

  /** Rejects with `BACKEND_UNAVAILABLE`, and with `DEVICE_LOST` where there is none to take the place of a lost one. */
  session(): Promise<Session> {
    this.#session ??= this.#open();
    return this.#session;
  }

  close(): void {
    this.#isClosed = true;
    if (this.settings.device === undefined) this.#current?.destroy();
    else this.#current?.lose("the runtime was disposed");
  }

  async #open(): Promise<Session> {
    const { device } = this.settings;
    if (this.#isClosed || (device !== undefined && this.losses > 0)) {
      this.#session = undefined;
      throw new errors.DEVICE_LOST({ reason: this.#current?.lost ?? "the runtime was disposed" });
    }
    try {
      const session = await openSession(this.settings);
      this.#current = session;
      const adapter = session.adapter.name;
      this.#tell({ change: "opened", adapter, reason: null });
      session.onLost(() => {
        if (this.#isClosed) return;
        this.#tell({ change: "lost", adapter, reason: session.lost ?? null });
        this.losses++;
        this.#session = undefined;
        if (this.isWanted && this.canReopen) this.session().catch(() => {}); // whoever needs it then is told
      });
      if (this.#isClosed) this.close();
      return session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
