import type { Header } from "../messages/header.js";
import type { MessageOf, OneOrMore } from "../messages/message-type.js";

/** Replies by the name of the request's type: `{ Get: Sum, Add: Ok }`. */
export type Replies = Readonly<Record<string, OneOrMore>>;

/** A kernel, handle or address that says which message answers which request. */
export interface Replying<out R = unknown> {
  /** For the compiler only. */
  readonly "~replies": R;
}
/** The reply to a request `M`; for a type that `R` does not name, any output. */
export type Reply<R, M, Out> =
  M extends Header<infer Name> ? (Name extends keyof R ? Extract<Out, R[Name]> : Out) : never;

/** The messages of `replies`, which are outputs of the kernel too; none if their names are unknown: `replies: undefined`. */
export type RepliedBy<R extends Replies> = string extends keyof R ? never : MessageOf<R[keyof R]>;
/** `R` as messages; `Failure` may come in place of any of them. */
export type ReplyMessages<R extends Replies, Failure> = {
  readonly [Name in keyof R as string extends Name ? never : Name]: MessageOf<R[Name]> | Failure;
};
/** Accepts replies to the messages of `I`; a sentence, which the compiler prints, in place of any other. */
export type RepliesTo<I extends OneOrMore, R> = {
  readonly [Name in keyof R]: Name extends MessageOf<I>["type"] ? OneOrMore : "the kernel has no input of this name";
};
