/**
 * The header fields of every message. A body that uses one of these names does not compile and is rejected at run time.
 * Header fields are accessors, which a spread leaves out: `{ ...message, a: 1 }` is not a message, neither for the
 * compiler nor at run time; make one with its type, `Type({ ...message, a: 1 })`.
 */
export declare abstract class Header<Name extends string = string> {
  /** Name of the message type. */
  get type(): Name;
  /** A UUID; made when it is first read, or when the message leaves its thread. */
  get messageId(): string;
  /** An integer, 0 to 255, higher first; default 128. */
  get priority(): number;
  /** `messageId` of the direct cause, or null. */
  get correlationId(): string | null;
}

/** An immutable message: header and body side by side. Unions of messages narrow by `type`. */
export type Message<Name extends string = string, Body = {}> = Header<Name> & Readonly<Body>;

/** Header fields of a message that is made or copied. Each one left out is inherited from the cause. */
export interface HeaderOptions {
  /**
   * Integer, 0 to 255; a higher one is delivered first.
   *
   * @default that of `replyTo`, else of the current message, else 128
   */
  readonly priority?: number | undefined;
  /** The message that this one answers: sets `correlationId`, and passes on priority, deadline and requester. */
  readonly replyTo?: Header | undefined;
  /**
   * UUID of the direct cause, or null for none.
   *
   * @default that of `replyTo`, else of the current message
   */
  readonly correlationId?: string | null | undefined;
  /**
   * Milliseconds from now, more than 0; a message that is not processed by then is dead-lettered as `EXPIRED`. The
   * deadline of a request is its time-out.
   *
   * @default the deadline of `replyTo`, else of the current message; Infinity for none
   */
  readonly expiresIn?: number | undefined;
  /**
   * A key of your own, such as an order number: messages of one type with the same key have the same `messageId`, so
   * that a durable flow accepts only one of them. A non-empty string.
   */
  readonly key?: string | undefined;
  /**
   * Trace context as a W3C `traceparent`, such as the header of that name of an HTTP request. `traceOf` reads it.
   *
   * @default that of `replyTo`, else of the current message
   */
  readonly trace?: string | undefined;
}

export const DEFAULT_PRIORITY = 128;
/**
 * Default priority of a message without an explicit one, which then inherits the priority of its cause. The value is
 * above the 8 bits of a priority, so that a mask reads the priority in either case.
 */
export const INHERITED_PRIORITY = 256 + DEFAULT_PRIORITY;
export const HEADER_FIELDS: readonly (keyof Header)[] = ["type", "messageId", "priority", "correlationId"];
