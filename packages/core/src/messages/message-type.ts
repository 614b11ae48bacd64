import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, isFromAnotherCopy, isMessage } from "./any-message.js";
import type { Unless } from "./body.js";
import { copyOf, thisCopy } from "./environment.js";
import type { HeaderOptions, Message } from "./header.js";

/**
 * A message type, as `defineMessage` returns it: call it to make a message. `Input` is the input of the schema,
 * `Body` its output. The call throws `INVALID_MESSAGE` when the body fails its schema or uses the name of a header
 * field, and `INVALID_ARGUMENT` for a wrong header option.
 */
export interface MessageType<Name extends string, Body, Input = Body, Schema = unknown> {
  (...args: MessageArguments<Input>): Message<Name, Body>;
  readonly type: Name;
  readonly schema: Schema;
  /** Name of the type, as consoles show it for a function. */
  readonly name: Name;
  /**
   * Type guard, usable as a callback: `messages.filter(Result.is)`. Also true for data equal to what `parse` returns,
   * header included, such as parsed JSON.
   */
  readonly is: (value: unknown) => value is Message<Name, Body>;
  /** Validates foreign data, header fields included if there are any; throws `INVALID_MESSAGE`. */
  readonly parse: (value: unknown) => Message<Name, Body>;
  /**
   * Copies a message with other header fields; everything else, also the id, stays. Throws `INVALID_ARGUMENT`,
   * `TYPE_MISMATCH`.
   */
  with(message: Message<Name, Body>, header: HeaderOptions): Message<Name, Body>;
  readonly "~message": Message<Name, Body>;
}

/** A message type of any name and body. */
// biome-ignore lint/suspicious/noExplicitAny: the bodies of "some message type" are open by intention
export type AnyMessageType = MessageType<string, any, any, any>;
/** One message type, or a list: `input: [Add, Flush]`. */
export type OneOrMore = AnyMessageType | readonly AnyMessageType[];
/** Messages of a type or of a list of types: `type Add = MessageOf<typeof Add>`. */
export type MessageOf<T extends OneOrMore> = T extends readonly AnyMessageType[]
  ? T[number]["~message"]
  : T extends AnyMessageType
    ? T["~message"]
    : never;

type TwiceIn<Type, All> = Type extends AnyMessageType
  ? [Extract<All, { readonly type: Type["type"] }>] extends [Type]
    ? never
    : Type["type"]
  : never;
type Twice<List> = List extends readonly AnyMessageType[] ? TwiceIn<List[number], List[number]> : never;
/** Accepts any list of types with distinct names; otherwise a sentence that the compiler prints. */
export type Distinct<List> = Unless<
  [Twice<List>] extends [never] ? true : never,
  `two different message types are called '${Twice<List>}', and messages are told apart by name: rename one`,
  unknown
>;

/** Arguments of a message type: the body is optional if nothing in it is required; a type without fields takes none. */
type MessageArguments<Input> = {} extends Input
  ? [body?: IsEmpty<Input> extends true ? NoFields : Input, header?: HeaderOptions | undefined]
  : [body: Input, header?: HeaderOptions | undefined];
interface NoFields {
  readonly [field: string]: "a message of this type has no fields; a header goes into the second argument";
}
/** True for `{}`, which accepts anything, but not for `object`, whose fields are unknown. */
type IsEmpty<Input> = [keyof Input, ""] extends [never, Input] ? true : false;

export type KeysOfUnion<T> = T extends unknown ? keyof T : never;

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
