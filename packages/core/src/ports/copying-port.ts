import type { AnyMessage } from "../messages/any-message.js";
import type { Inlet, Outlet, Port, Refused, Unsettled } from "../seam/port.js";

/** A port that copies each message, so that one that cannot be copied is rejected at its sender. */
export class CopyingPort implements Port {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
  readonly discard: Port["discard"];
  readonly #port: Port;
  readonly #copied: (message: AnyMessage) => AnyMessage;

  /** `copied`: throws `SERIALIZATION` for what it cannot copy. */
  constructor(port: Port, copied: (message: AnyMessage) => AnyMessage) {
    const { inlet, outlet } = port;
    this.#port = port;
    this.#copied = copied;
    this.discard = port.discard && ((isUnwanted) => port.discard?.(isUnwanted) ?? []);
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

  get adopt(): Port["adopt"] {
    return this.#port.adopt && ((messages, refused) => this.#adopt(messages, refused));
  }

  async #adopt(messages: readonly Unsettled[], refused: Refused): Promise<void> {
    const copies = messages.flatMap((one) => {
      try {
        return [{ ...one, message: this.#copied(one.message) }];
      } catch (error) {
        refused(one, error);
        return [];
      }
    });
    await this.#port.adopt?.(copies, refused);
  }
}
