import type { PlainMessage } from "./plain-message.js";
import type { Closable, Reply, Subject } from "./subject.js";

/** Several stages in a row that a whole source is sent through, each in the form that its users write. */
export interface Stream extends Closable {
  /** Sends messages 0 to `messages` - 1 through; `seen` gets each reply. Settles when all of them came. */
  run(messages: number, seen: (reply: Reply) => void): Promise<void>;
}

export type StreamSubject = Subject<Stream>;

/** A synchronous source of so many messages; `make` makes one. */
export function* source<M = PlainMessage>(messages: number, make: (n: number) => M): Generator<M, void, void> {
  for (let n = 0; n < messages; n++) yield make(n);
}
