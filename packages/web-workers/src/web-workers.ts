import { type Backend, errors } from "@ringline/core";
import { type HostPlatform, ThreadsPlace } from "@ringline/remote";
import { LockedWorker } from "./locked-worker.js";
import { manifest } from "./manifest.js";
import { settingsOf, type WebWorkersOptions } from "./options.js";
import { webPlatform } from "./web-platform.js";

const HEADERS =
  "Serve the page and its workers with the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`, over https or from localhost: only then do browsers share memory with workers.";

/** Chromium lets a worker that computes go on for two seconds after `terminate`. */
const ENDS_WITHIN = 3000;

/**
 * Runs kernels on web workers, each incarnation in one worker. Messages are sent over shared memory, directly between
 * workers. Kernels are loaded from their modules: export them and define them with `module: import.meta.url`; in a
 * program that a bundler builds, pass `worker` as well. Throws `INVALID_ARGUMENT`. A runtime rejects with
 * `BACKEND_UNAVAILABLE` on a page that is not cross-origin isolated.
 */
export function webWorkers(options: WebWorkersOptions = {}): Backend {
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  const settings = settingsOf(options, cores);
  const platform: HostPlatform = {
    ...webPlatform,
    backend: "web-workers",
    endsWithin: ENDS_WITHIN,
    cores,
    channel() {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2];
    },
    start: (setup) => new LockedWorker(settings.worker ?? ownWorker, setup),
  };
  return {
    manifest: manifest(settings.threads),
    shortcut: "shared",
    async start(core) {
      if (globalThis.crossOriginIsolated !== true) {
        throw new errors.BACKEND_UNAVAILABLE({ backend: "web-workers" }, { remedy: HEADERS });
      }
      return new ThreadsPlace(settings, platform, core);
    },
  };
}

/** Bundlers recognise this form alone. */
function ownWorker(): Worker {
  return new Worker(new URL("./thread-main.js", import.meta.url), { type: "module" });
}
