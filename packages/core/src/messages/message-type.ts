import type { HeaderOptions, Message } from "./header.js";

/**
 * What `defineMessage` returns: call it to make a message. `Input` is what the schema takes, `Body` what it gives.
 * Calling it throws `INVALID_MESSAGE` when the body fails its schema or uses a header's name, and `INVALID_ARGUMENT`
 * for a wrong header option.
 */
export interface MessageType<Name extends string, Body, Input = Body, Schema = unknown> {
  (...args: MessageArguments<Input>): Message<Name, Body>;
  readonly type: Name;
  readonly schema: Schema;
  /** Type guard, safe to hand on: `messages.filter(Result.is)`. Also true for a look-alike whose fields are right. */
  readonly is: (value: unknown) => value is Message<Name, Body>;
  /** Checks foreign data, header fields included where there are any; throws `INVALID_MESSAGE`. */
  readonly parse: (value: unknown) => Message<Name, Body>;
  /** A copy with other header fields; everything else, the id too, stays. Throws `INVALID_ARGUMENT`, `TYPE_MISMATCH`. */
  with(message: Message<Name, Body>, header: HeaderOptions): Message<Name, Body>;
  readonly "~message": Message<Name, Body>;
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies of "some message type" are open by intention
export type AnyMessageType = MessageType<string, any, any, any>;
/** One message type, or a list: `input: [Add, Flush]`. */
export type OneOrMore = AnyMessageType | readonly AnyMessageType[];
/** The message(s) of a type or of a list of types: `type Add = MessageOf<typeof Add>`. */
export type MessageOf<T extends OneOrMore> = T extends readonly AnyMessageType[]
  ? T[number]["~message"]
  : T extends AnyMessageType
    ? T["~message"]
    : never;

/** A body that may be left out where nothing in it is required; one without fields takes none. */
type MessageArguments<Input> = {} extends Input
  ? [body?: IsEmpty<Input> extends true ? Readonly<Record<string, never>> : Input, header?: HeaderOptions | undefined]
  : [body: Input, header?: HeaderOptions | undefined];
/** `{}`, which takes anything, but not `object`, of which nothing is known. */
type IsEmpty<Input> = [keyof Input, ""] extends [never, Input] ? true : false;

export type KeysOfUnion<T> = T extends unknown ? keyof T : never;
