import { type Backend, errors } from "@ringline/core";
import { CopyingPort, hostKernel, MemoryPort, type Place } from "@ringline/core/backend";
import { checkOptions } from "@ringline/core/internal";
import { manifest } from "./manifest.js";

/** Options of `inProcess()`. */
export interface InProcessOptions {
  /**
   * Copies each message where it is sent, as a move to another thread would, so that what is shared by mistake and what
   * cannot be copied (`SERIALIZATION`) shows before the move. Without it, messages are handed over by reference.
   *
   * @default false
   */
  readonly copy?: boolean | undefined;
}

/**
 * The default backend: kernels run on the event loop of the thread that creates the runtime, without a thread, a
 * native module or a GPU. They share the loop: it gets its turn about every 8 ms. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * await using runtime = createRuntime({ backend: inProcess() });
 */
export function inProcess(options: InProcessOptions = {}): Backend {
  checkOptions(options, ["copy"], "inProcess()");
  const { copy = false } = options;
  if (typeof copy !== "boolean") throw new errors.INVALID_ARGUMENT({ argument: "copy", value: copy });
  return {
    manifest: manifest(copy),
    async start({ clock }): Promise<Place> {
      // the codec is loaded only where something is copied
      const codec = copy ? await import("./copied.js") : undefined;
      return {
        async openPort(spec) {
          const port = new MemoryPort(spec, clock);
          return codec === undefined ? port : new CopyingPort(port, codec.copied);
        },
        spawn: async (unit) => hostKernel(unit, codec && { copyState: codec.copyValue }),
        async dispose() {}, // nothing here outlives its kernels
      };
    },
  };
}
