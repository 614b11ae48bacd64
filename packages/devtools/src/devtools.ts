import type { Runtime } from "@ringline/core";
import { newToken } from "./server/access.js";
import type { Served } from "./server/routes.js";
import { serve } from "./server/serve.js";
import type { Act } from "./watch/acts.js";
import { Observer } from "./watch/observer.js";

export interface DevtoolsOptions {
  /**
   * Port on the loopback interface; 0 for any that is free.
   *
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * True: viewers may pause, resume, drain, terminate, send and replay. False: they only see.
   *
   * @default false
   */
  readonly write?: boolean | undefined;
  /**
   * Name of the program on the page.
   *
   * @default the name of its main file
   */
  readonly title?: string | undefined;
  /**
   * Secret part of the address: a request without it gets no data; at least 16 characters of A–Z, a–z, 0–9, - and _.
   *
   * @default random
   */
  readonly token?: string | undefined;
  /** Called with every action of a viewer, successful or failed. */
  readonly audit?: ((act: Act) => void) | undefined;
}

/** A view of a running system. */
export interface Devtools extends AsyncDisposable {
  /** Address of the page, with its token. Anyone who has the address sees everything. */
  readonly url: string;
  readonly port: number;
  /** Number of viewers that watch now. */
  readonly viewers: number;
  /** Ends the view and the connections of its viewers. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows a running system: its graph, what stands still and why, stages, dead letters, events, traces.
 * On the loopback interface, for pages of its own origin, under an address with a token; read-only unless `write` is
 * true. Nothing is measured while nobody looks, and nothing of it keeps the process alive. Rejects if the port is
 * taken, and with a `RangeError` for a token that is too short.
 */
export async function devtools(runtime: Runtime, options: DevtoolsOptions = {}): Promise<Devtools> {
  const { port: wanted = 0, write = false, title = nameOfProgram(), token = newToken(), audit } = options;
  if (!/^[\w-]{16,}$/.test(token)) throw new RangeError("The token needs at least 16 letters, digits, - or _.");
  const observer = new Observer(runtime);
  const served: Served = { runtime, observer, title, canWrite: write, started: Date.now(), audit };
  try {
    const { server, port } = await serve(served, wanted, token);
    const close = async () => {
      observer.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    return {
      url: `http://127.0.0.1:${port}/${token}/`,
      port,
      get viewers() {
        return observer.viewers;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    observer.close();
    throw error;
  }
}

function nameOfProgram(): string {
  return process.argv[1]?.split(/[\\/]/).at(-1) ?? "ringline";
}
