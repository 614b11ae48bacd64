import { type AnyMessage, type SharedCounts, StageFailure, workerOf } from "@ringline/core/internal";
import type { PortSender } from "../../account/port-sender.js";
import { type ThreadOrigin, threadOriginOf } from "../../tables/thread-origin.js";
import type { DirectTargetSetup } from "../setup.js";

/** Type of failures, which bypass all stages: only the host knows their target. */
const FAILURE = StageFailure.type;

interface Target {
  readonly sender: PortSender;
  readonly node: number;
}

/** Sends the outputs of a stage directly to the ports of the next stage. */
export class DirectSender {
  readonly #ports: readonly number[];
  /** Empty while a port is unknown to this thread, as a worker that has just moved has another one: outputs go through the host. */
  readonly #targets: readonly Target[];
  readonly #partition: DirectTargetSetup["by"];
  #turn = 0;

  constructor({ targets, by }: DirectTargetSetup, find: (port: number) => PortSender | undefined) {
    this.#ports = targets.map(({ port }) => port);
    const known = targets.map(({ port, node }) => ({ sender: find(port), node }));
    this.#targets = known.every((one): one is Target => one.sender !== undefined) ? known : [];
    this.#partition = by;
  }

  /** True if it sends to these ports: the number of workers and their places may change. */
  hasTargets({ targets }: DirectTargetSetup): boolean {
    return (
      this.#targets.length === this.#ports.length &&
      targets.length === this.#ports.length &&
      targets.every(({ port }, i) => port === this.#ports[i])
    );
  }

  /**
   * Sends an output of a message in flight; the input of any other message may have ended. False if the output must go
   * through the host. Throws `SERIALIZATION`.
   */
  trySend(message: AnyMessage): boolean {
    if (message.type === FAILURE) return false;
    const origin = threadOriginOf(message);
    const counts = origin?.counts;
    if (origin === undefined || counts === undefined || !origin.isHeld) return false;
    const targets = this.#targets;
    if (targets.length === 0) return false;
    if (targets.length === 1) return sendTo(targets[0] as Target, message, origin);
    if (typeof this.#partition === "object") return sendTo(this.#byKey(message, this.#partition.key), message, origin);
    if (counts.isWatched) return false; // senders may wait for room at the host
    return this.#sendToAny(message, origin, counts);
  }

  #sendToAny(message: AnyMessage, origin: ThreadOrigin, counts: SharedCounts): boolean {
    const targets = this.#targets;
    const start = this.#partition === "least-loaded" ? this.#leastLoaded(counts) : this.#turn++;
    for (let i = 0; i < targets.length; i++) {
      if (sendTo(targets[(start + i) % targets.length] as Target, message, origin)) return true;
    }
    return false;
  }

  /** Index of the least loaded target; round-robin among equals. */
  #leastLoaded(counts: SharedCounts): number {
    const targets = this.#targets;
    const start = this.#turn++ % targets.length;
    let least = start;
    for (let i = 1; i < targets.length; i++) {
      const other = (start + i) % targets.length;
      if (counts.load((targets[other] as Target).node) < counts.load((targets[least] as Target).node)) least = other;
    }
    return least;
  }

  #byKey(message: AnyMessage, key: string): Target {
    const value = (message as unknown as Readonly<Record<string, string | number>>)[key];
    return this.#targets[workerOf(value as string | number, this.#targets.length)] as Target;
  }
}

function sendTo({ sender, node }: Target, message: AnyMessage, origin: ThreadOrigin): boolean {
  if (!sender.hasRoom()) return false;
  const entering = origin.entering(node);
  return entering !== undefined && sender.trySend(message, 0, entering);
}
