import type { AnyMessage } from "../messages/any-message.js";
import { ACCEPTED } from "../ports/memory-port.js";
import type { Exit, Incarnation, IncarnationStats, StopMode, UnitSpec, Wait } from "../seam/incarnation.js";
import type { Inlet, Outlet } from "../seam/port.js";
import { Histogram } from "../telemetry/measures.js";
import { macrotask } from "../time/turn.js";
import { limited, type WaitOptions } from "../time/wait-options.js";
import type { KernelHost } from "./kernel-host.js";
import { type RateLimitedInlet, rateLimited } from "./wrapping-inlets.js";

/** Starts the host of one lane, with an inlet of its own. */
type StartLane = (unit: UnitSpec, inlet: Inlet) => KernelHost;

/** Hosts one message at a time of a kernel that processes several. */
interface Lane {
  readonly host: KernelHost;
  readonly turn: Turn;
}

/**
 * Runs a `handle` body for up to `concurrency` messages at the same time. Each is processed by a lane, a host of its own
 * with its own context, outbox and attempts; all take from the same inlet, and count into the same cells. With the order
 * "preserve" the outputs of a message wait until all messages that were delivered earlier are settled. Lanes are
 * created as they are needed. If one fails, all end: the incarnation has failed.
 */
export class ConcurrentHost implements Incarnation {
  readonly exited: Promise<Exit>;
  readonly #unit: UnitSpec;
  readonly #startLane: StartLane;
  readonly #inlet: Inlet;
  readonly #rateLimited: RateLimitedInlet | undefined;
  readonly #lanes: Lane[] = [];
  /** Callbacks of idle lanes, which wait for a message. */
  readonly #idle = new Set<() => void>();
  /** Turns of the lanes that process a message, in the order of delivery. */
  readonly #line: Turn[] = [];
  #isActive: boolean;
  #isEnding = false;
  /** Outputs that wait for their turn or for room. */
  readonly #pushes = new Set<Promise<void>>();
  readonly #exits: Exit[] = [];
  #exit!: (exit: Exit) => void;

  constructor(unit: UnitSpec, startLane: StartLane) {
    const { telemetry, assignment } = unit;
    this.#rateLimited = rateLimited(unit.input.inlet, unit);
    this.#inlet = this.#rateLimited ?? unit.input.inlet;
    this.#unit = {
      ...unit,
      counts: unit.counts ?? new Float64Array(2),
      processing: unit.processing ?? (telemetry && new Histogram()),
      assignment: assignment && { ...assignment, rate: Number.POSITIVE_INFINITY },
    };
    this.#startLane = startLane;
    this.#isActive = unit.isActive;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.#addLane();
  }

  #addLane(): void {
    const unit = this.#unit;
    const turn = new Turn();
    const routes = { output: this.#outletOf(turn), peer: (name: string) => unit.routes.peer(name) };
    // an output that waits for its turn is not stalled
    const stalled = (peer?: string) => (this.#isHeldBack(turn) ? undefined : unit.reports.stalled(peer));
    const lane = { ...unit, isActive: this.#isActive, routes, reports: { ...unit.reports, stalled } };
    const host = this.#startLane(lane, this.#inletOf(turn));
    this.#lanes.push({ host, turn });
    void host.exited.then((exit) => this.#ended(exit));
  }

  #inletOf(turn: Turn): Inlet {
    const inlet = this.#inlet;
    return {
      tryTake: () => {
        const message = inlet.tryTake();
        if (message === undefined) return undefined;
        this.#line.push(turn);
        turn.begin();
        if (this.#line.length === 1) turn.come();
        if (this.#idle.size === 0 && this.#lanes.length < this.#concurrency && !this.#isEnding) this.#addLane();
        return message;
      },
      whenReadable: (callback) => {
        this.#idle.add(callback);
        inlet.whenReadable(this.#wakeOne);
      },
      settle: (message, outcome, attempts) => {
        const settled = inlet.settle(message, outcome, attempts);
        if (settled) this.#leave(turn);
        return settled;
      },
      attemptsOf: (message) => inlet.attemptsOf(message),
    };
  }

  get #concurrency(): number {
    return this.#unit.kernel.concurrency ?? 1;
  }

  /** Wakes the lane that has been idle longest; the next one if there is more to read. */
  readonly #wakeOne = (): void => {
    const [first] = this.#idle;
    if (first === undefined) return;
    this.#idle.delete(first);
    first();
    if (this.#idle.size > 0) this.#inlet.whenReadable(this.#wakeOne);
  };

  #leave(turn: Turn): void {
    const at = this.#line.indexOf(turn);
    if (at < 0) return;
    this.#line.splice(at, 1);
    turn.come(); // what the body still sends has no message to wait for
    this.#line[0]?.come();
  }

  #isHeldBack(turn: Turn): boolean {
    return this.#unit.kernel.order !== "unordered" && this.#line.indexOf(turn) > 0;
  }

  #outletOf(turn: Turn): Outlet {
    const { output } = this.#unit.routes;
    // what the lane has sent before, and waits for its turn, goes first
    const isFree = () => turn.waiting === 0 && !this.#isHeldBack(turn);
    return {
      tryPush: (message) => isFree() && output.tryPush(message),
      push: (message, wait) => {
        const pushed = isFree() ? output.push(message, wait) : this.#pushInTurn(turn, message, wait);
        this.#pushes.add(pushed);
        const over = () => void this.#pushes.delete(pushed);
        pushed.then(over, over);
        return pushed;
      },
    };
  }

  async #pushInTurn(turn: Turn, message: AnyMessage, wait: WaitOptions = {}): Promise<void> {
    const { clock, kernel, routes } = this.#unit;
    const since = clock.now();
    turn.waiting++;
    try {
      await limited(turn.comes, wait, clock, "send", kernel.id);
    } finally {
      turn.waiting--;
    }
    const { timeout } = wait;
    const left = timeout === undefined ? wait : { ...wait, timeout: Math.max(0, timeout - (clock.now() - since)) };
    await routes.output.push(message, left);
  }

  #ended(exit: Exit): void {
    this.#isEnding = true;
    this.#rateLimited?.close();
    if (exit.kind === "failed") for (const { host } of this.#lanes) host.end(exit);
    if (this.#exits.push(exit) === this.#lanes.length) void this.#finish();
  }

  /** Ends once it is known which outputs were accepted. */
  async #finish(): Promise<void> {
    if (this.#pushes.size > 0) {
      await Promise.allSettled(this.#pushes);
      await new Promise<void>(macrotask); // the lanes count and report them meanwhile
    }
    const failed = this.#exits.find(({ kind }) => kind === "failed");
    this.#exit((failed ?? this.#exits.find((one) => "unfinished" in one) ?? this.#exits[0]) as Exit);
  }

  async setActive(active: boolean): Promise<void> {
    this.#isActive = active;
    for (const { host } of this.#lanes) void host.setActive(active);
  }

  async stop(mode: StopMode): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#lanes.map(({ host }) => host.stop(mode)));
  }

  async flush(): Promise<void> {
    for (const { host } of this.#lanes) await host.flush();
  }

  async stats(): Promise<IncarnationStats> {
    const all = await Promise.all(this.#lanes.map(({ host }) => host.stats()));
    return {
      ...(all[0] as IncarnationStats),
      answers: all.reduce((sum, { answers = 0 }) => sum + answers, 0),
      attempts: Math.max(...all.map(({ attempts }) => attempts)),
      waits: all.flatMap(({ waits }, i) => waits.filter((wait) => this.#counts(wait, i))),
    };
  }

  /** False for a wait that is none of the kernel: an idle lane beside others, an output whose turn has not come. */
  #counts(wait: Wait, lane: number): boolean {
    if (wait.for === "input") return this.#line.length === 0 && lane === 0;
    return wait.for !== "room" || !this.#isHeldBack((this.#lanes[lane] as Lane).turn);
  }
}

/** The turn of a message to send its outputs. */
class Turn {
  /** Number of outputs that wait for it. */
  waiting = 0;
  #comes = ACCEPTED;
  #come = () => {};

  /** Resolves when the turn has come. */
  get comes(): Promise<void> {
    return this.#comes;
  }

  begin(): void {
    this.#comes = new Promise((resolve) => {
      this.#come = resolve;
    });
  }

  come(): void {
    this.#come();
  }
}
