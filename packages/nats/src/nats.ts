import type { Backend } from "@ringline/core";
import { manifest } from "./manifest.js";
import { type NatsOptions, settingsOf } from "./options.js";
import { HostsPlace } from "./runtime/hosts-place.js";

/**
 * Runs kernels on hosts, processes on any machine that were started with `ringline-host`; what they send and are sent goes over
 * NATS. Kernels are exported from modules, defined with `module: import.meta.url`, and hosts are started with these modules.
 * Throws `INVALID_ARGUMENT`.
 */
export function nats(options: NatsOptions = {}): Backend {
  const settings = settingsOf(options);
  return { manifest, shortcut: "ahead", start: (core) => HostsPlace.start(settings, core) };
}
