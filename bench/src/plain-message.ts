/**
 * The message of the floor and of the peers: a plain object with the fields that every Ringline message has, so that
 * all sides make and carry the same thing. Ids are a counter, the correlation is the id of the direct cause.
 */
export interface PlainMessage {
  readonly type: "Step";
  readonly messageId: number;
  readonly priority: number;
  readonly correlationId: number | null;
  readonly n: number;
}

let lastId = 0;

export function createMessage(n: number, cause: PlainMessage | null): PlainMessage {
  return {
    type: "Step",
    messageId: ++lastId,
    priority: cause === null ? 128 : cause.priority,
    correlationId: cause === null ? null : cause.messageId,
    n,
  };
}

/** Work of every stage: answers with a new message. */
export function answer(message: PlainMessage): PlainMessage {
  return createMessage(message.n, message);
}
