import { type DeviceChange, errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { findAdapter, openSession } from "./open-session.js";
import type { Session } from "./session.js";

/** Keeps one device open: when it is lost, the next one who asks gets another. */
export class DeviceManager {
  readonly settings: Settings;
  readonly #onChange: (event: DeviceChange) => void;
  /** The one that was found first, until a device comes from it. */
  #adapter: GPUAdapter | undefined;
  #session: Promise<Session> | undefined;
  #current: Session | undefined;
  /** Time at which the latest was lost, by the clock of `performance`. */
  #lostAt: number | undefined;
  #isClosed = false;
  /** Kernels have it at hand: a lost one is replaced before anybody asks. */
  isWanted = false;
  /** Devices lost so far. */
  losses = 0;

  private constructor(settings: Settings, tell: (event: DeviceChange) => void, adapter: GPUAdapter | undefined) {
    this.settings = settings;
    this.#onChange = tell;
    this.#adapter = adapter;
  }

  /** Undefined where there is no adapter and the host takes over; else that rejects with `BACKEND_UNAVAILABLE`. */
  static async find(settings: Settings, tell: (event: DeviceChange) => void): Promise<DeviceManager | undefined> {
    try {
      const adapter = settings.device === undefined ? await findAdapter(settings) : undefined;
      return new DeviceManager(settings, tell, adapter);
    } catch (error) {
      if (settings.fallback === "host") return undefined;
      throw error;
    }
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
    this.#current?.close("the runtime was disposed", this.settings.device === undefined);
  }

  async #open(): Promise<Session> {
    const { device } = this.settings;
    if (this.#isClosed || (device !== undefined && this.losses > 0)) {
      this.#session = undefined;
      throw new errors.DEVICE_LOST({ reason: this.#current?.lost ?? "the runtime was disposed" });
    }
    try {
      const adapterFound = this.#adapter;
      this.#adapter = undefined;
      const session = await openSession(this.settings, adapterFound);
      this.#current = session;
      const adapter = session.adapter.name;
      const downtime = this.#lostAt === undefined ? null : performance.now() - this.#lostAt;
      this.#onChange({ change: "opened", adapter, reason: null, downtime });
      session.onLost(() => {
        if (this.#isClosed) return;
        this.#lostAt = performance.now();
        this.#onChange({ change: "lost", adapter, reason: session.lost ?? null, downtime: null });
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
