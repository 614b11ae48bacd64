/**
 * The fields of every message. A body that uses one of these names does not compile and is refused at run time. They are
 * accessors, which a spread leaves out: `{ ...message, a: 1 }` is no message, neither for the compiler nor at run time; make one
 * with its type, `Type({ ...message, a: 1 })`.
 */
export declare abstract class Header<Name extends string = string> {
  /** The name of the message's type. */
  get type(): Name;
  /** A UUID; made when it is first read, or when the message leaves its thread. */
  get messageId(): string;
  /** An integer, 0 to 255, higher first; 128 unless said otherwise. */
  get priority(): number;
  /** `messageId` of the direct cause, or null. */
  get correlationId(): string | null;
}

/** An immutable message: header and body side by side. Unions of messages narrow by `type`. */
export type Message<Name extends string = string, Body = {}> = Header<Name> & Readonly<Body>;

export interface HeaderOptions {
  /** Integer, 0 to 255, higher first; default: that of `replyTo`, else of the message in hand, else 128. */
  readonly priority?: number | undefined;
  /** The message answered: sets `correlationId`, hands on its priority, its deadline and whoever waits for an answer to it. */
  readonly replyTo?: Header | undefined;
  /** UUID of the direct cause, or null for none; default: that of `replyTo`, else the message in hand. */
  readonly correlationId?: string | null | undefined;
  /**
   * Milliseconds from now, more than 0; later the message is not processed but dead-lettered as `EXPIRED`. Default: the
   * deadline of `replyTo`, else of the message in hand; Infinity for none. The deadline of a request is its time-out.
   */
  readonly expiresIn?: number | undefined;
  /**
   * A key of one's own, such as the number of an order: messages of one type with the same key have the same `messageId`, so
   * that a durable flow accepts one of them. Any text but the empty one.
   */
  readonly key?: string | undefined;
  /**
   * Trace context as a W3C `traceparent`, such as the header of that name of an HTTP request. Default: that of
   * `replyTo`, else of the current message. `traceOf` reads it.
   */
  readonly trace?: string | undefined;
}

export const DEFAULT_PRIORITY = 128;
/**
 * The default priority of a message for which none was named: it takes over that of the message that turns out to be its
 * cause. Kept above the 8 bits of a priority, so that a mask reads either.
 */
export const UNNAMED_PRIORITY = 256 + DEFAULT_PRIORITY;
export const HEADER_FIELDS: readonly (keyof Header)[] = ["type", "messageId", "priority", "correlationId"];
