import type { Clock } from "@ringline/core";
import { errorToWire } from "@ringline/remote";
import { ChildLine } from "./child-line.js";
import { HostBook } from "./host-book.js";
import { toWire } from "./wire-message.js";

/** A child process: the line to it, and how the host speaks with it of what cannot travel. */
export interface Child {
  readonly line: ChildLine;
  readonly book: HostBook;
}

export function startChild(clock: Clock): Child {
  const line = new ChildLine();
  const book: HostBook = new HostBook({
    get isClosed() {
      return line.isClosed;
    },
    answer: ({ id, asked, name }, answer) =>
      line.tell("answer", { id, asked, name, message: toWire(answer, book, clock) }),
    fail: (id, error) => line.tell("fail", { id, error: errorToWire(error) }),
  });
  return { line, book };
}
