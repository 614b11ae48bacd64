import type { AnyRinglineError, WaitOptions } from "@ringline/core";
import { hostKernel, type Incarnation, type Outlet, type Port, type UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  giveReferences,
  hasBuffers,
  type IncarnationStats,
  isMessage,
  type KernelDefinition,
  type PeerRoute,
  type Reports,
  type Routes,
  referencesMoved,
  releaseReferences,
  systemClock,
} from "@ringline/core/internal";
import type { FlowCells } from "../../account/flow-cells.js";
import type { Inbox } from "../../account/inbox.js";
import type { PortSender } from "../../account/port-sender.js";
import { SentOutputs } from "../../account/sent-outputs.js";
import { errorToWire } from "../../codec/error-wire.js";
import { copyValue, packState, unpackState } from "../../codec/packed.js";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { HOST } from "../../endpoint/link.js";
import type { Payload } from "../../endpoint/payloads.js";
import { threadOriginOf } from "../../tables/thread-origin.js";
import { exitToWire } from "../../units/remote-incarnation.js";
import { adopt } from "../../units/setup.js";
import type { WorkerPlatform } from "../platform.js";
import type { Direct, UnitSetup } from "../setup.js";
import type { UnitMemory } from "../unit-memory.js";
import { DirectOutlet, type Relay } from "./direct-outlet.js";

/** An incarnation in this thread, and its links to the rest of the runtime. */
export class ThreadUnit {
  readonly unit: number;
  readonly incarnation: Incarnation;
  /** Resolves when the end was reported to the host. */
  readonly ended: Promise<void>;
  readonly #kernel: KernelDefinition;
  readonly #endpoint: Endpoint;
  readonly #inbox: Inbox;
  readonly #peers: ReadonlyMap<string, string>;

  /** Share of time in which the event loop was busy since the last report. */
  readonly #load: (() => number) | undefined;
  readonly #peerRoutes = new Map<string, PeerRoute>();
  /** Outputs that were sent, for kernels whose outputs are committed once although inputs are retried. */
  readonly #sentOutputs: SentOutputs | undefined;
  readonly #find: (port: number) => PortSender | undefined;

  constructor(
    kernel: KernelDefinition,
    setup: UnitSetup,
    inbox: Inbox,
    endpoint: Endpoint,
    memory: UnitMemory | undefined,
    find: (port: number) => PortSender | undefined,
    { measureLoad }: WorkerPlatform,
  ) {
    this.#load = measureLoad?.();
    this.unit = setup.unit;
    this.#kernel = kernel;
    this.#endpoint = endpoint;
    this.#inbox = inbox;
    this.#find = find;
    this.#peers = new Map(setup.peers);
    const { effects, onCrash } = kernel.supervise;
    const isOnce = effects === "commit" && onCrash === "retry";
    this.#sentOutputs = isOnce
      ? new SentOutputs(inbox, endpoint.sendIntent, setup.assignment?.ids ?? kernel.id)
      : undefined;
    const unit: UnitSpec = {
      kernel,
      peers: this.#peers,
      input: { inlet: inbox } as unknown as Port,
      routes: this.#routes(memory?.route, setup.direct),
      reports: this.#reports(),
      clock: systemClock,
      telemetry: setup.telemetry,
      processing: inbox.latencies.processing,
      counts: memory?.counts,
      isActive: setup.isActive,
      restored: unpackState(setup.restored),
      assignment: setup.assignment,
      published: this.#sentOutputs,
    };
    this.incarnation = hostKernel(unit, { copyState: copyValue });
    this.ended = this.#reportEnd();
  }

  async stats(): Promise<IncarnationStats> {
    const load = this.#load && { utilization: this.#load() };
    return { ...(await this.incarnation.stats()), thread: { thread: this.#endpoint.index, ...load } };
  }

  async #reportEnd(): Promise<void> {
    const exit = await exitToWire(this.incarnation);
    this.#notify("exited", { ...exit, stats: await this.stats() });
  }

  #notify(k: string, more: object): void {
    this.#endpoint.notify(HOST, { ...more, k, unit: this.unit });
  }

  #routes(route: Int32Array | undefined, direct: Direct): Routes {
    const relay: Relay = (message, wait) => this.#emit(message, wait);
    const output = this.#counted(new DirectOutlet(relay, this.#find, { route, direct }));
    return {
      output,
      peer: (name) => this.#peerRoutes.get(name) ?? this.#peer(name),
    };
  }

  #counted(outlet: Outlet): Outlet {
    const left = this.#sentOutputs;
    if (left === undefined) return outlet;
    return { tryPush: (message) => left.tryPush(outlet, message), push: (message, wait) => outlet.push(message, wait) };
  }

  /** Sends through the host. The message counts at this node meanwhile, as its cause may settle first. */
  #emit(message: AnyMessage, wait: WaitOptions | undefined): Promise<Direct | undefined> {
    const { assignment } = this.#inbox;
    const origin = assignment?.isCounted ? threadOriginOf(message) : undefined;
    if (assignment === undefined || origin?.counts === undefined || !origin.isHeld)
      return this.#relay("emit", {}, message, wait);
    return this.#relay("emit", { entered: assignment.node }, message, wait, () => origin.entering(assignment.node));
  }

  async #relay(
    k: string,
    more: object,
    message: AnyMessage,
    wait: WaitOptions | undefined,
    entering?: () => FlowCells | undefined,
  ): Promise<Direct | undefined> {
    const payload = this.#endpoint.payloads.make(message);
    const caused = this.#sentOutputs?.caused(message);
    const direct = (await this.#call(k, { ...more, payload, caused }, "send", wait, entering)) as Direct | undefined;
    this.#sentOutputs?.sent(message);
    if (hasBuffers) referencesMoved(message);
    return direct;
  }

  #peer(name: string): PeerRoute {
    const id = this.#peers.get(name) ?? name;
    const relay: Relay = (message, wait) => this.#relay("peerSend", { name }, message, wait);
    const route: PeerRoute = {
      id,
      outlet: this.#counted(new DirectOutlet(relay, this.#find, {})),
      receive: async (wait) => {
        const payload = await this.#call("peerReceive", { name }, "receive", wait);
        const message = this.#endpoint.payloads.open(payload as never);
        if (hasBuffers) giveReferences(message);
        return message;
      },
      check: (message) => (isMessage(message) ? message : adopt(this.#kernel, name, message)),
    };
    this.#peerRoutes.set(name, route);
    return route;
  }

  #call(
    k: string,
    more: object,
    operation: string,
    wait: WaitOptions | undefined,
    entering?: () => FlowCells | undefined,
  ): Promise<unknown> {
    const { calls } = this.#endpoint;
    const control = { ...more, k, unit: this.unit };
    return calls.wait(HOST, control, operation, this.#kernel.id, wait, systemClock, entering?.());
  }

  #reports(): Reports {
    return {
      error: (error) => this.#notify("error", { error: errorToWire(error) }),
      stalled: (peer) => this.#notify("stalled", { peer }),
      deadLetter: (message, error, attempts) => this.#deadLetter(message, error, attempts),
      checkpoint: (state, settles) => this.#checkpoint(state, settles),
      checkpointSettled: () => this.#notify("checkpointSettled", {}),
      log: (level, text, fields) =>
        this.#notify("log", { level, text, fields: portable({ thread: this.#endpoint.index, ...fields }) }),
    };
  }

  #deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void {
    const payload = this.#payloadOf(message);
    this.#inbox.reported(message, (ticket) =>
      this.#notify("dead", { payload, error: errorToWire(error), attempts, ticket }),
    );
    if (hasBuffers) releaseReferences(message); // the dead letter has its own references
  }

  #checkpoint(state: unknown, settles: readonly AnyMessage[]): undefined {
    // the host identifies messages by their ids
    const payloads = settles.map((one) => this.#endpoint.payloads.make(copyMessage(one, { ...envelopeOf(one) }, {})));
    this.#notify("checkpoint", { state: packState(state), settles: payloads });
  }

  /** Packs a message; without its body if that cannot be sent. */
  #payloadOf(message: AnyMessage): Payload {
    try {
      return this.#endpoint.payloads.make(message);
    } catch {
      return this.#endpoint.payloads.make(copyMessage(message, envelopeOf(message), {}));
    }
  }
}

/** Fields as they are written to the log; undefined if JSON cannot express them. */
function inJson(fields: object | undefined): unknown {
  try {
    return JSON.parse(JSON.stringify(fields));
  } catch {
    return undefined;
  }
}

function portable(fields: object | undefined): unknown {
  try {
    return structuredClone(fields);
  } catch {
    return inJson(fields) ?? { fields: String(fields) };
  }
}
