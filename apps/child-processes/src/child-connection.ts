import { type ChildProcess, fork } from "node:child_process";
import type { Duplex } from "node:stream";
import type { CoreServices } from "@ringline/core/backend";
import { Channel, type Control, errorToWire, packValue, RUNTIME } from "@ringline/remote";
import { FrameReader, frameOf } from "./frames.js";

/** The descriptor over which a child asks, beside standard input and output, errors, and Node's own channel. */
export const ASKS = 4;

/**
 * The host's end of the two lines to a child process. What the child says comes over a pipe, in order, and is answered
 * there when it asks; what the host says by itself goes over Node's own channel, which wakes the child's event loop.
 */
export class ChildConnection {
  /** Resolves when the process has ended and all that it said was heard. */
  readonly closed: Promise<string>;
  isClosed = false;
  readonly channel: Channel;
  readonly #child: ChildProcess;

  constructor(core: CoreServices) {
    this.#child = fork(new URL("./child-main.js", import.meta.url), [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    this.channel = this.#open(core);
    this.#listen(this.#child.stdio[ASKS] as Duplex);
    this.closed = new Promise((resolve) => {
      this.#child.on("error", ({ message }) => resolve(message));
      this.#child.on("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
    });
    void this.closed.then((how) => {
      this.isClosed = true;
      this.channel.close(() => new Error(`its process ended: ${how}`));
    });
  }

  #open({ clock, lateReply }: CoreServices): Channel {
    const line = this;
    return new Channel({
      ...{ end: RUNTIME, clock, late: lateReply, isOrdered: false },
      get isClosed() {
        return line.isClosed;
      },
      send: (control) => this.#tell(control),
      ended: () => new Error("its process has ended"),
    });
  }

  #listen(pipe: Duplex): void {
    const reader = new FrameReader();
    pipe.on("data", (piece: Buffer) => {
      try {
        reader.add(piece);
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
          const { asks, ...control } = frame.value as Control;
          const answer = this.#answerTo(control as Control);
          if (asks) pipe.write(frameOf(answer));
        }
      } catch (error) {
        console.error(error); // no child of this release has written it
        this.kill();
      }
    });
    pipe.on("error", () => {}); // its end is told by "close"
  }

  #answerTo(control: Control): object {
    try {
      return { value: this.channel.handle(control) };
    } catch (error) {
      return { error: errorToWire(error) };
    }
  }

  /** Lost when the process has ended. */
  #tell(control: Control): void {
    if (this.#child.connected) this.#child.send(packValue(control), () => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
