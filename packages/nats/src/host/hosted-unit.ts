import { type AnyRinglineError, body, defineMessage, errors, type WaitOptions } from "@ringline/core";
import type { Incarnation, Outlet, Port, UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  buffersOf,
  checkHeld,
  hasBuffers,
  isMessage,
  type KernelDefinition,
  type KernelWait,
  limitWait,
  moved,
  type PeerRoute,
  type Reports,
  type Routes,
  systemClock,
} from "@ringline/core/internal";
import { errorToWire } from "@ringline/remote";
import type { Book } from "../wire/book.js";
import type { Calls } from "../wire/calls.js";
import type { Line } from "../wire/line.js";
import { fromWire, isPlain, NO_BODY, sendAway, toWire, type WireMessage } from "../wire/message.js";
import { HostedOutput } from "./hosted-output.js";
import type { LocalPlace } from "./local-place.js";
import { MirrorInlet } from "./mirror-inlet.js";

/** What the runtime says of a kernel that is to run here. */
export type Setup = Pick<KernelDefinition, "id" | "definedAs" | "module" | "supervise"> &
  Pick<UnitSpec, "peers" | "restored" | "telemetry" | "seat" | "isActive"> &
  Partial<Pick<KernelDefinition, "onError">> & { readonly unit: number; readonly capacity: number };

/** The runtime that it runs for. */
interface ItsRuntime {
  readonly line: Line;
  readonly calls: Calls;
  readonly book: Book;
  /** It has ended here. */
  forget(unit: number): void;
}

/** A kernel that runs here for a runtime. */
export class HostedUnit {
  incarnation!: Incarnation;
  readonly inlet: MirrorInlet;
  readonly output: HostedOutput;
  readonly #unit: number;
  readonly #link: ItsRuntime;
  readonly #kernel: KernelDefinition;
  readonly #peerIds: ReadonlyMap<string, string>;
  readonly #peers = new Map<string, PeerRoute>();
  #outputs = 0;

  private constructor(
    loaded: KernelDefinition,
    { unit, capacity, id, supervise, onError, peers }: Setup,
    link: ItsRuntime,
  ) {
    this.#unit = unit;
    this.#link = link;
    this.#kernel = { ...loaded, id, supervise, ...(onError !== undefined && { onError }) };
    this.#peerIds = peers;
    this.inlet = new MirrorInlet(unit, capacity, link.line, link.book);
    this.output = new HostedOutput((message) => this.#emit(message), this.#outlet("emit", {}).push);
  }

  /** Begins it in `place`. Rejects with what keeps it from that, as a shader that does not compile. */
  static async begin(loaded: KernelDefinition, setup: Setup, link: ItsRuntime, place: LocalPlace): Promise<HostedUnit> {
    const hosted = new HostedUnit(loaded, setup, link);
    await hosted.#spawn(setup, place);
    return hosted;
  }

  async #spawn({ peers, restored, telemetry, seat, isActive }: Setup, place: LocalPlace): Promise<void> {
    const unit: UnitSpec = {
      ...{ kernel: this.#kernel, peers, restored, telemetry, seat, isActive, clock: systemClock },
      input: { inlet: this.inlet } as unknown as Port, // the rest of the port is at the runtime
      routes: this.#routes(),
      reports: this.#reports(),
    };
    this.incarnation = await place.spawn(unit, { isAgain: false, signal: new AbortController().signal });
  }

  /** Tells how it ended, once it has. */
  async tellExit(): Promise<void> {
    const exit = await this.incarnation.exited;
    const stats = await this.incarnation.stats();
    const error = exit.kind === "failed" ? exit.error : exit.kind === "stopped" ? exit.unfinished : undefined;
    this.#tell("exited", exit.kind, error && errorToWire(error), stats);
    this.#link.forget(this.#unit);
  }

  #tell(k: string, ...rest: unknown[]): void {
    this.#link.line.tell(k, this.#unit, ...rest);
  }

  #emit(message: AnyMessage): void {
    const { line, book } = this.#link;
    if (isPlain(message)) line.put(this.#unit, this.#outputs++, message, book, systemClock);
    else this.#tell("emit", this.#away(message));
  }

  #routes(): Routes {
    return {
      output: this.output,
      peer: (name) => {
        const peer = this.#peers.get(name) ?? this.#peer(name);
        this.#peers.set(name, peer);
        return peer;
      },
    };
  }

  #peer(name: string): PeerRoute {
    return {
      id: this.#peerIds.get(name) ?? name,
      outlet: this.#outlet("send", { name }),
      check: (value) => (isMessage(value) ? value : this.#adopt(name, value)),
      receive: async (wait) =>
        fromWire((await this.#wait("receive", { name }, "receive", wait)) as WireMessage, this.#link.book, systemClock),
    };
  }

  /** A look-alike of a message. Whether the peer takes its type, the runtime sees. */
  #adopt(name: string, value: unknown): AnyMessage {
    const { type } = (value ?? {}) as { type?: unknown };
    const known = (this.#kernel.peers[name] as Partial<KernelDefinition> | undefined)?.input;
    const own = known?.find((one) => one.type === type);
    if (own !== undefined) return own.parse(value) as never;
    if (typeof type === "string" && type !== "") return defineMessage(type, body<object>()).parse(value) as never;
    const got = value === null ? "null" : typeof value;
    throw new errors.TYPE_MISMATCH({ wanted: known?.map((one) => one.type) ?? [], got }, { kernelId: name });
  }

  /** Whether there is room, the runtime knows. */
  #outlet(k: string, more: object): Outlet {
    return {
      tryPush: () => false,
      push: async (message, wait) => {
        if (hasBuffers) checkHeld(buffersOf(message), message);
        await this.#wait(k, { ...more, message: this.#to(message) }, "send", wait);
        if (hasBuffers) moved(message);
      },
    };
  }

  /**
   * Has the runtime do something that may take time. It minds the time-out; what else ends the wait is seen here. What it says is
   * the truth, also where the wait was over meanwhile.
   */
  async #wait(k: string, given: object, operation: string, limit: WaitOptions | undefined): Promise<unknown> {
    const { timeout, ...endings } = (limit ?? {}) as KernelWait;
    const { calls } = this.#link;
    const { id, answer } = calls.ask(k, { ...given, unit: this.#unit, timeout });
    let ended: AnyRinglineError | undefined;
    const unlimit = limitWait(endings, systemClock, operation, this.#kernel.id, (error) => {
      ended = error;
      calls.cancel(id);
    });
    try {
      return await answer;
    } catch (error) {
      throw ended ?? error;
    } finally {
      unlimit();
    }
  }

  #reports(): Reports {
    return {
      error: (error) => this.#tell("error", errorToWire(error)),
      stalled: () => this.#tell("stalled"),
      deadLetter: (message, error, attempts) =>
        this.#tell("deadLetter", this.#parcel(message), errorToWire(error), attempts),
      checkpoint: (state, settles) => {
        this.#tell(
          "checkpoint",
          state,
          settles.map((message) => this.inlet.keyOf(message)),
        );
        return undefined; // what is told comes in order: it is kept before its messages are settled
      },
      checkpointSettled: () => this.#tell("checkpointSettled"),
      log: (level, text, fields) => {
        try {
          this.#tell("log", level, text, fields);
        } catch {
          this.#tell("log", level, `${text} (with fields that cannot travel)`);
        }
      },
    };
  }

  #to(message: AnyMessage): WireMessage {
    return toWire(message, this.#link.book, systemClock);
  }

  /** Throws `INVALID_ARGUMENT` for a buffer that the kernel does not have any more, and `SERIALIZATION`. */
  #away(message: AnyMessage): WireMessage {
    if (hasBuffers) checkHeld(buffersOf(message), message);
    return sendAway(message, this.#link.book, systemClock);
  }

  /** A dead letter may be one because its body cannot travel. */
  #parcel(message: AnyMessage): WireMessage {
    try {
      return this.#to(message);
    } catch {
      return toWire(message, this.#link.book, systemClock, NO_BODY);
    }
  }
}
