import { errors } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type UnitSpec,
} from "@ringline/core/backend";
import { ChildIncarnation } from "./child-incarnation.js";
import { CopyingPort } from "./copying-port.js";

/** The child processes of one runtime. */
export class ChildrenPlace implements Place {
  readonly #clock: Clock;
  readonly #children = new Set<ChildIncarnation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ports stay in this process: what is queued outlives any child. */
  async openPort(spec: PortSpec): Promise<Port> {
    return new CopyingPort(new MemoryPort(spec, this.#clock));
  }

  async spawn(unit: UnitSpec): Promise<Incarnation> {
    const { id, module } = unit.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    const child = new ChildIncarnation(unit, (answer, asked, asker) => this.#late(answer, asked, asker, unit));
    this.#children.add(child);
    void child.closed.then(() => this.#children.delete(child));
    await child.begin();
    return child;
  }

  /** An answer came for which nobody waits any more: a dead letter of whoever was asked. */
  #late(answer: AnyMessage, asked: string, asker: string, by: UnitSpec): void {
    const { unit } = [...this.#children].find((child) => child.unit.kernel.id === asked) ?? { unit: by };
    const place = { kernelId: asked, messageId: answer.messageId };
    unit.reports.deadLetter(answer, new errors.LATE_REPLY({ asker }, place), 0);
  }

  /** All kernels have ended before; their processes are about to. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#children].map(({ closed }) => closed));
  }
}
