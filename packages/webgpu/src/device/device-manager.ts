import { type DeviceChange, errors } from "@ringline/core";
import type { Settings } from "../options.js";
import { findAdapter, openSession } from "./open-session.js";
import type { Session } from "./session.js";

/** Keeps one device open; after a loss, the next request opens another. */
export class DeviceManager {
  readonly settings: Settings;
  readonly #onChange: (event: DeviceChange) => void;
  /** Adapter found at the start, until a device is made from it. */
  #adapter: GPUAdapter | undefined;
  #session: Promise<Session> | undefined;
  #current: Session | undefined;
  /** Time of the latest loss, by `performance.now()`. */
  #lostAt: number | undefined;
  #isClosed = false;
  /** True if kernels hold the device: a lost one is then replaced without a request. */
  isWanted = false;
  /** Devices lost so far. */
  losses = 0;

  private constructor(settings: Settings, tell: (event: DeviceChange) => void, adapter: GPUAdapter | undefined) {
    this.settings = settings;
    this.#onChange = tell;
    this.#adapter = adapter;
  }

  /**
   * Finds an adapter. Undefined if there is none and `fallback` is "host"; rejects with `BACKEND_UNAVAILABLE`
   * otherwise.
   */
  static async find(settings: Settings, tell: (event: DeviceChange) => void): Promise<DeviceManager | undefined> {
    try {
      const adapter = settings.device === undefined ? await findAdapter(settings) : undefined;
      return new DeviceManager(settings, tell, adapter);
    } catch (error) {
      if (settings.fallback === "host") return undefined;
      throw error;
    }
  }

  /** Device that was opened last, lost or not. */
  get latest(): Session | undefined {
    return this.#current;
  }

  /** False if a lost device has no successor: it was given by the user, or the manager is closed. */
  get canReopen(): boolean {
    return !this.#isClosed && this.settings.device === undefined;
  }

  /**
   * Returns the current device, or opens one. Rejects with `BACKEND_UNAVAILABLE`, and with `DEVICE_LOST` if a lost
   * device has no successor.
   */
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
        if (this.isWanted && this.canReopen) this.session().catch(() => {}); // later requests report the failure
      });
      if (this.#isClosed) this.close();
      return session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
