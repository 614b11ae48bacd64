import { errors } from "@ringline/core";
import {
  CopyingPort,
  type CoreServices,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type Start,
  type UnitSpec,
} from "@ringline/core/backend";
import { checkedBuffer, copied } from "@ringline/remote";
import { ChildConnection } from "./child-connection.js";
import { ChildIncarnation } from "./child-incarnation.js";

/** The child processes of one runtime. */
export class ChildrenPlace implements Place {
  readonly #core: CoreServices;
  readonly #children = new Set<ChildConnection>();
  /** Child processes that run no kernel any more. */
  readonly #idle: ChildConnection[] = [];

  constructor(core: CoreServices) {
    this.#core = core;
  }

  /** Ports stay in this process: what is queued outlives any child. */
  async openPort(spec: PortSpec): Promise<Port> {
    // a buffer is its port's once it is accepted, and its content travels when it is taken
    return new CopyingPort(new MemoryPort(spec, this.#core.clock), (message) => copied(message, checkedBuffer));
  }

  async spawn(unit: UnitSpec, { signal }: Start): Promise<Incarnation> {
    const { id, module } = unit.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    const child = this.#idle.pop() ?? this.#start();
    const incarnation = new ChildIncarnation(unit, child, (line) => this.#idle.push(line));
    await incarnation.begin(signal);
    return incarnation;
  }

  #start(): ChildConnection {
    const child = new ChildConnection(this.#core);
    this.#children.add(child);
    void child.closed.then(() => {
      this.#children.delete(child);
      if (this.#idle.includes(child)) this.#idle.splice(this.#idle.indexOf(child), 1);
    });
    return child;
  }

  /** All kernels have ended before. */
  async dispose(): Promise<void> {
    for (const child of this.#children) child.kill();
    await Promise.all([...this.#children].map(({ closed }) => closed));
  }
}
