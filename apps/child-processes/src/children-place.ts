import { errors } from "@ringline/core";
import {
  CopyingPort,
  type CoreServices,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type UnitSpec,
} from "@ringline/core/backend";
import { type Child, startChild } from "./child.js";
import { ChildIncarnation } from "./child-incarnation.js";
import { copied } from "./wire-message.js";

/** The child processes of one runtime. */
export class ChildrenPlace implements Place {
  readonly #core: CoreServices;
  readonly #children = new Set<Child>();
  /** Those that run no kernel any more. */
  readonly #idle: Child[] = [];

  constructor(core: CoreServices) {
    this.#core = core;
  }

  /** Ports stay in this process: what is queued outlives any child. */
  async openPort(spec: PortSpec): Promise<Port> {
    return new CopyingPort(new MemoryPort(spec, this.#core.clock), copied);
  }

  async spawn(unit: UnitSpec): Promise<Incarnation> {
    const { id, module } = unit.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    const { lateReply } = this.#core;
    const incarnation = new ChildIncarnation(unit, this.#idle.pop() ?? this.#start(), lateReply, (child) => {
      child.line.hear = () => {};
      this.#idle.push(child);
    });
    await incarnation.begin();
    return incarnation;
  }

  #start(): Child {
    const child = startChild(this.#core.clock);
    this.#children.add(child);
    void child.line.closed.then(() => {
      this.#children.delete(child);
      if (this.#idle.includes(child)) this.#idle.splice(this.#idle.indexOf(child), 1);
    });
    return child;
  }

  /** All kernels have ended before. */
  async dispose(): Promise<void> {
    for (const { line } of this.#children) line.kill();
    await Promise.all([...this.#children].map(({ line }) => line.closed));
  }
}
