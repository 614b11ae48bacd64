import type { WaitOptions } from "@ringline/core";
import type { Incarnation, Outlet, Port, UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  Histogram,
  hasBuffers,
  isMessage,
  type KernelDefinition,
  type PeerRoute,
  type Routes,
  referencesMoved,
  systemClock,
} from "@ringline/core/internal";
import {
  adopt,
  type Channel,
  exitToWire,
  kernelOf,
  remoteReports,
  statsToWire,
  type UnitSetup,
  type WireStats,
} from "@ringline/remote";
import { FRESH } from "../wire/items.js";
import type { ReliableLink } from "../wire/reliable-link.js";
import type { LocalPlace } from "./local-place.js";
import { MirrorInlet } from "./mirror-inlet.js";

/** Data for a kernel that is to run here, and for its input. */
export interface Setup extends UnitSetup {
  readonly unit: number;
  readonly capacity: number;
  /** True for `drop-oldest`: a full input drops its oldest message. */
  readonly dropsOldest: boolean;
}

/** Runtime that the unit runs for. */
interface RuntimeRef {
  readonly link: ReliableLink;
  readonly channel: Channel;
  /** Forgets a unit that has ended here. */
  forget(unit: number): void;
}

/** A kernel that runs here for a runtime. */
export class HostedUnit {
  incarnation!: Incarnation;
  readonly inlet: MirrorInlet;
  readonly output: HostedOutput;
  readonly #unit: number;
  readonly #link: RuntimeRef;
  readonly #kernel: KernelDefinition;
  readonly #peerIds: ReadonlyMap<string, string>;
  readonly #peers = new Map<string, PeerRoute>();
  readonly #processing = new Histogram();

  private constructor(loaded: KernelDefinition, setup: Setup, link: RuntimeRef) {
    this.#unit = setup.unit;
    this.#link = link;
    this.#kernel = kernelOf(loaded, setup);
    this.#peerIds = setup.peers;
    this.inlet = new MirrorInlet(setup, (k, more) => this.#notify(k, more), link.link);
    this.output = new HostedOutput((message) => this.#emit(message), this.#outlet("emit", {}).push);
  }

  /** Starts the kernel in `place`. Rejects if it cannot start, for example because a shader does not compile. */
  static async begin(loaded: KernelDefinition, setup: Setup, link: RuntimeRef, place: LocalPlace): Promise<HostedUnit> {
    const hosted = new HostedUnit(loaded, setup, link);
    const { peers, restored, telemetry, assignment, isActive } = setup;
    const spec: UnitSpec = {
      ...{ kernel: hosted.#kernel, peers, restored, telemetry, assignment, isActive, clock: systemClock },
      input: { inlet: hosted.inlet } as unknown as Port, // the rest of the port is at the runtime
      routes: hosted.#routes(),
      processing: hosted.#processing,
      reports: remoteReports({
        channel: link.channel,
        send: (k, more) => hosted.#notify(k, more),
        keyOf: (message) => hosted.inlet.keyOf(message),
      }),
    };
    hosted.incarnation = await place.spawn(spec, { isRestart: false, signal: new AbortController().signal });
    return hosted;
  }

  stats(): Promise<WireStats> {
    return statsToWire(this.incarnation, this.#processing);
  }

  /** Reports the exit of the kernel, once it has ended. */
  async reportExit(): Promise<void> {
    this.#notify("exited", await exitToWire(this.incarnation, this.#processing));
    this.#link.forget(this.#unit);
  }

  #notify(k: string, more: object): void {
    this.#link.channel.send({ ...more, k, unit: this.#unit });
  }

  #emit(message: AnyMessage): void {
    const { link, channel } = this.#link;
    if (link.isClosed) return;
    link.message({ unit: this.#unit, key: 0, how: FRESH, attempts: 0 }, channel.encode(message));
    if (hasBuffers) referencesMoved(message);
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
      check: (value) => (isMessage(value) ? value : adopt(this.#kernel, name, value)),
      receive: async (wait) => {
        const message = (await this.#wait("receive", { name }, "receive", wait)) as Uint8Array;
        return this.#link.channel.read(message, this.#kernel.id);
      },
    };
  }

  /** Outlet to the runtime, which alone knows the capacity: each message is sent as a request. */
  #outlet(k: string, more: object): Outlet {
    return {
      tryPush: () => false,
      push: async (message, wait) => {
        await this.#wait(k, { ...more, message: this.#link.channel.pack(message) }, "send", wait);
        if (hasBuffers) referencesMoved(message);
      },
    };
  }

  #wait(k: string, given: object, operation: string, wait: WaitOptions | undefined): Promise<unknown> {
    const { channel } = this.#link;
    const control = { ...given, k, unit: this.#unit };
    return channel.calls.wait(channel.index, control, operation, this.#kernel.id, wait, systemClock);
  }
}

/** Output of a kernel that runs here: outputs within the credits of the runtime are sent without a request. */
class HostedOutput implements Outlet {
  readonly push: Outlet["push"];
  readonly #send: (message: AnyMessage) => void;
  #sent = 0;
  #upTo = 0;

  constructor(tell: (message: AnyMessage) => void, push: Outlet["push"]) {
    this.#send = tell;
    this.push = push;
  }

  /** Sets the number of the last output that needs no request. */
  grant(upTo: number): void {
    this.#upTo = upTo;
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#sent >= this.#upTo) return false;
    this.#send(message);
    this.#sent++;
    return true;
  }
}
