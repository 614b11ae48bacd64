import { type AnyRinglineError, asRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { cloned } from "../messages/cloned.js";
import { ACCEPTED } from "../ports/memory-port.js";
import type { Place } from "../seam/backend.js";
import type { Incarnation, KeyShare, Start } from "../seam/incarnation.js";
import type { Port, PortSpec, Unsettled } from "../seam/port.js";
import { unlessAborted } from "../time/on-abort.js";
import { bounded, type KernelWait } from "../time/wait-options.js";
import type { Checkpoints } from "./checkpoints.js";
import type { Incarnations } from "./incarnations.js";
import type { KernelDeadLetters } from "./kernel-dead-letters.js";
import type { KernelInput, PlacedPort } from "./kernel-input.js";
import type { KernelServices } from "./kernel-services.js";
import type { Part } from "./rescaling.js";
import { TERMINATE_TIMEOUT } from "./termination.js";

/** The target of a move. */
export interface Destination {
  /** The name of the backend. */
  readonly backend: string;
  readonly started: Promise<Place>;
  /** True if messages are passed by reference. */
  readonly isHere: boolean;
  readonly thread: PortSpec["thread"];
}

/** A change of a running kernel: to another place, to another definition, to other limits, or of its stage. */
export interface Change {
  readonly operation: "move" | "swap" | "tune" | "scale";
  readonly to?: Destination;
  readonly become?: {
    readonly definition?: KernelDefinition;
    readonly peers?: ReadonlyMap<string, string>;
    readonly rate?: number;
    readonly share?: KeyShare | undefined;
    /** Converts the latest checkpoint, a copy of which it gets. */
    readonly migrate?: ((state: unknown) => unknown) | undefined;
  };
  /** Part of the kernel in a change of several: decides about its state and its queue. */
  readonly part?: Part;
  /** Milliseconds that the messages in flight have to finish. */
  readonly grace: number;
  /** Author of the request. */
  readonly by: string;
}

/** The data with which an incarnation starts. */
export interface Spawned {
  readonly at: PlacedPort;
  readonly definition: KernelDefinition;
  readonly peers: ReadonlyMap<string, string>;
  /** Maximum messages per second, for a stage; Infinity for no limit. */
  readonly rate: number;
  readonly share: KeyShare | undefined;
  readonly restored: unknown;
}

/** The parts of a launched kernel that its changes use. */
export interface ChangingKernel {
  readonly id: string;
  readonly services: KernelServices;
  readonly input: KernelInput;
  readonly incarnations: Incarnations;
  readonly checkpoints: Checkpoints;
  readonly deadLetters: KernelDeadLetters;
  /** True once the kernel has ended or is about to. */
  hasEnded(): boolean;
  /** The data of the current incarnation. */
  current(): Spawned;
  openPort(place: Place, signal: AbortSignal, thread: PortSpec["thread"], capacity: number | undefined): Promise<Port>;
  spawn(isActive: boolean, start: Start, as: Spawned): Promise<Incarnation>;
  /** Called once the next incarnation runs with this data. */
  become(own: Omit<Spawned, "at" | "restored">): void;
  terminated(operation: string): AnyRinglineError;
}

/** Changes of a running kernel, one after the other: moves, swaps, other limits. */
export class KernelChanges {
  readonly #kernel: ChangingKernel;
  #latest: Promise<void> = ACCEPTED;

  constructor(kernel: ChangingKernel) {
    this.#kernel = kernel;
  }

  /** Applies a change after the earlier ones. Rejects as `move` and `swap` of the runtime do: the kernel runs on as it was. */
  apply(change: Change, wait: KernelWait): Promise<void> {
    const applied = this.#latest.then(() => this.#apply(change, wait));
    this.#latest = applied.catch((error) => change.part?.failed(error));
    return applied;
  }

  async #apply(change: Change, wait: KernelWait): Promise<void> {
    const { id: kernelId, input, services } = this.#kernel;
    const { clock } = services;
    const { backend: from } = input.at;
    if (this.#kernel.hasEnded()) throw this.#kernel.terminated(change.operation);
    const { to, become } = change;
    const next = to === undefined ? input.at : await this.#openAt(to, become?.definition?.queueSize, wait);
    const since = clock.now();
    change.part?.stopping(since);
    try {
      const messages = await this.#relocate(next, change, wait.timeout ?? TERMINATE_TIMEOUT);
      const event = { kernelId, pause: clock.now() - since, by: change.by };
      if (change.operation === "move") services.relocated({ ...event, from, to: next.backend, messages });
      else if (change.operation === "swap") services.swapped(event);
      else if (change.operation === "tune") {
        const { definition, rate } = this.#kernel.current();
        services.tuned({ ...event, queueSize: definition.queueSize, rate });
      }
    } catch (error) {
      if (input.at !== next) next.place.closePort?.(next.port);
      throw this.#kernel.hasEnded() ? this.#kernel.terminated(change.operation) : error;
    }
  }

  /** Opens a port elsewhere. Rejects with `UNSUPPORTED` if it cannot take over messages. */
  async #openAt(
    { started, backend, isHere, thread }: Destination,
    capacity: number | undefined,
    wait: KernelWait,
  ): Promise<PlacedPort> {
    const { id, services, openPort } = this.#kernel;
    const { clock } = services;
    const place = await bounded(wait, clock, "move", id, () => started);
    const port = await bounded(wait, clock, "move", id, (over) => openPort(place, over, thread, capacity));
    if (port.adopt !== undefined) return { port, place, backend, isHere };
    place.closePort?.(port);
    throw new errors.UNSUPPORTED({ backend, capability: "move" }, { kernelId: id });
  }

  /** Resolves to the number of queued messages that went along. */
  #relocate(at: PlacedPort, { grace, operation, become, part }: Change, timeout: number): Promise<number> {
    const { checkpoints, incarnations, input, become: becomes, current, terminated } = this.#kernel;
    return new Promise((resolve, reject) => {
      let messages = 0;
      const spawn = async (isActive: boolean, start: Start) => {
        const { migrate, ...own } = { ...current(), ...become };
        const state = checkpoints.latest;
        const isKept = migrate === undefined || state === undefined;
        const restored = part
          ? await part.stopped(input, state, start.signal)
          : isKept
            ? state
            : migrate(cloned(state));
        checkpoints.replace(restored); // at once: the body may save a state as it starts
        let begun: Incarnation | undefined;
        try {
          begun = await this.#spawnWithin(timeout, isActive, start, { ...own, at, restored });
          if (part !== undefined) messages = await part.begun(at, this.#unmovable);
          else if (at !== input.at) messages = await input.moveTo(at, this.#unmovable);
          becomes(own);
          return begun;
        } catch (error) {
          void begun?.stop("abandon");
          checkpoints.replace(state);
          throw error;
        }
      };
      const over = (error?: AnyRinglineError) => (error === undefined ? resolve(messages) : reject(error));
      const isBegun = incarnations.replace({ limit: grace, relocation: { spawn, over } });
      if (!isBegun) reject(terminated(operation));
    });
  }

  #spawnWithin(timeout: number, isActive: boolean, start: Start, as: Spawned): Promise<Incarnation> {
    const { signal } = start;
    const { id, services, spawn } = this.#kernel;
    return bounded({ timeout, signal }, services.clock, "move", id, (over) =>
      unlessAborted(spawn(isActive, { ...start, signal: over }, as), over, (late) => void late.stop("abandon")),
    );
  }

  /** Makes a dead letter of a queued message that cannot be sent to the place of its kernel. */
  readonly #unmovable = ({ message, attempts }: Unsettled, thrown: unknown): void => {
    const error = asRinglineError(thrown, { kernelId: this.#kernel.id, messageId: message.messageId });
    this.#kernel.deadLetters.deadLetter(message, error, attempts);
  };
}
