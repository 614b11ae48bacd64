import { type ChildProcess, fork } from "node:child_process";
import type { Duplex } from "node:stream";
import { errorToWire } from "@ringline/remote";
import { FrameReader, frameOf } from "./frames.js";

/** What a child says: it waits for the answer where it `asks`, and does nothing else meanwhile. */
export interface Said {
  readonly k: string;
  readonly asks?: boolean;
  readonly [field: string]: unknown;
}

/** The descriptor over which a child asks, beside standard input and output, errors, and Node's own channel. */
export const ASKS = 4;

/**
 * The host's end of the two lines to a child process. What the child says comes over a pipe, in order, and is answered
 * there when it asks; what the host says by itself goes over Node's own channel, which wakes the child's event loop.
 */
export class ChildLine {
  /** Resolves when the process has ended and all that it said was heard. */
  readonly closed: Promise<string>;
  isClosed = false;
  /** Who listens: what it returns or throws is the answer. */
  hear: (said: Said) => unknown = () => {};
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(new URL("./child-main.js", import.meta.url), [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    const pipe = this.#child.stdio[ASKS] as Duplex;
    const reader = new FrameReader();
    pipe.on("data", (piece: Buffer) => {
      reader.add(piece);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const said = frame.value as Said;
        const answer = answerTo(said, this.hear);
        if (said.asks) pipe.write(frameOf(answer));
      }
    });
    pipe.on("error", () => {}); // its end is told by "close"
    this.closed = new Promise((resolve) => {
      this.#child.on("error", ({ message }) => resolve(message));
      this.#child.on("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
    });
    void this.closed.then(() => {
      this.isClosed = true;
    });
  }

  /** Tells the child something. Lost when it has ended. */
  tell(k: string, fields: object = {}): void {
    if (this.#child.connected) this.#child.send({ ...fields, k }, () => {});
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

function answerTo(said: Said, hear: (said: Said) => unknown): object {
  try {
    return { value: hear(said) };
  } catch (error) {
    return { error: errorToWire(error) };
  }
}
