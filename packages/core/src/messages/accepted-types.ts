import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, isFromAnotherCopy, isMessage } from "./any-message.js";
import { copyOf, thisCopy } from "./copies.js";
import type { AnyMessageType } from "./message-type.js";

/** The message types that one end of a kernel takes. */
export class AcceptedTypes {
  readonly names: readonly string[];
  readonly #types: readonly AnyMessageType[];
  readonly #kernelId: string;
  /** The name, if there is only one type, so that the usual check is one comparison. */
  readonly #only: string | undefined;

  constructor(types: readonly AnyMessageType[], kernelId: string) {
    this.#types = types;
    this.#kernelId = kernelId;
    this.names = types.map(({ type }) => type);
    this.#only = this.names.length === 1 ? this.names[0] : undefined;
  }

  /**
   * Returns the message to send. A look-alike, such as parsed JSON, is made into a message by its type. Throws
   * `TYPE_MISMATCH` for any other type, `INVALID_MESSAGE` for a look-alike that fails its schema.
   */
  check(message: unknown): AnyMessage {
    if (isMessage(message) && (message.type === this.#only || this.names.includes(message.type))) return message;
    return this.#adopt(message);
  }

  #adopt(value: unknown): AnyMessage {
    const name = (value as { type?: unknown } | null | undefined)?.type;
    if (isFromAnotherCopy(value)) throw this.#twice(value);
    const type = isMessage(value) ? undefined : this.#types.find(({ type }) => type === name);
    if (type !== undefined) {
      const parsed = type.parse(value);
      if (isFromAnotherCopy(parsed)) throw this.#twice(parsed);
      return parsed as unknown as AnyMessage;
    }
    const got = typeof name === "string" ? name : value === null ? "null" : typeof value;
    // a value without a type was never made into a message
    const made =
      typeof name === "string" ? {} : { remedy: `Make it with its message type: ${this.names[0] ?? "Type"}({ … }).` };
    throw new errors.TYPE_MISMATCH({ wanted: this.names, got }, { kernelId: this.#kernelId, ...made });
  }

  #twice(message: object) {
    const type = String((message as { type?: unknown }).type);
    return new errors.CORE_TWICE({ type, by: copyOf(message), here: thisCopy() }, { kernelId: this.#kernelId });
  }
}
