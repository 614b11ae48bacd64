import { errors } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  CopyingPort,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type UnitSpec,
} from "@ringline/core/backend";
import { type Child, startChild } from "./child.js";
import { ChildIncarnation } from "./child-incarnation.js";
import type { Late } from "./unit-server.js";
import { copied } from "./wire-message.js";

/** The child processes of one runtime. */
export class ChildrenPlace implements Place {
  readonly #clock: Clock;
  readonly #children = new Set<Child>();
  /** Those that run no kernel any more. */
  readonly #idle: Child[] = [];
  readonly #running = new Set<ChildIncarnation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ports stay in this process: what is queued outlives any child. */
  async openPort(spec: PortSpec): Promise<Port> {
    return new CopyingPort(new MemoryPort(spec, this.#clock), copied);
  }

  async spawn(unit: UnitSpec): Promise<Incarnation> {
    const { id, module } = unit.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    const late: Late = (answer, asked, asker) => this.#late(answer, asked, asker, unit);
    const incarnation = new ChildIncarnation(unit, this.#idle.pop() ?? this.#start(), late, (child) => {
      child.line.hear = () => {};
      this.#idle.push(child);
    });
    this.#running.add(incarnation);
    void incarnation.exited.then(() => this.#running.delete(incarnation));
    await incarnation.begin();
    return incarnation;
  }

  #start(): Child {
    const child = startChild(this.#clock);
    this.#children.add(child);
    void child.line.closed.then(() => {
      this.#children.delete(child);
      if (this.#idle.includes(child)) this.#idle.splice(this.#idle.indexOf(child), 1);
    });
    return child;
  }

  /** An answer came for which nobody waits any more: a dead letter of whoever was asked. */
  #late(answer: AnyMessage, asked: string, asker: string, by: UnitSpec): void {
    const { unit } = [...this.#running].find(({ unit }) => unit.kernel.id === asked) ?? { unit: by };
    const place = { kernelId: asked, messageId: answer.messageId };
    unit.reports.deadLetter(answer, new errors.LATE_REPLY({ asker }, place), 0);
  }

  /** All kernels have ended before. */
  async dispose(): Promise<void> {
    for (const { line } of this.#children) line.kill();
    await Promise.all([...this.#children].map(({ line }) => line.closed));
  }
}
