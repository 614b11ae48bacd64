import type { AnyMessage, Inlet, Outlet, Port } from "@ringline/core/backend";
import { copied } from "./copied.js";

/** A port that takes a copy of each message. */
export class CopyingPort implements Port {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
  readonly #port: Port;

  constructor(port: Port) {
    const { inlet, outlet } = port;
    this.#port = port;
    this.inlet = inlet;
    this.outlet = {
      tryPush: (message: AnyMessage) => outlet.tryPush(copied(message)),
      push: async (message, wait) => outlet.push(copied(message), wait),
    };
  }

  gate: Port["gate"] = (open) => this.#port.gate(open);
  seal: Port["seal"] = (error) => this.#port.seal(error);
  idle: Port["idle"] = (wait) => this.#port.idle(wait);
  recover: Port["recover"] = () => this.#port.recover();
  remove: Port["remove"] = () => this.#port.remove();
  stats: Port["stats"] = () => this.#port.stats();
}
