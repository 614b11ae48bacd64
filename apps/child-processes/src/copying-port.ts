import { type AnyMessage, copyMessage, envelopeOf, type Inlet, type Outlet, type Port } from "@ringline/core/backend";
import { packBody, unpackBody } from "./wire-message.js";

/** A port that takes a copy of each message, so that what cannot travel is refused where it is sent. */
export class CopyingPort implements Port {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
  readonly #port: Port;

  constructor(port: Port) {
    const { inlet, outlet } = port;
    this.#port = port;
    this.inlet = inlet;
    this.outlet = {
      tryPush: (message) => outlet.tryPush(copied(message)),
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

function copied(message: AnyMessage): AnyMessage {
  return copyMessage(message, envelopeOf(message), unpackBody(packBody(message)));
}
