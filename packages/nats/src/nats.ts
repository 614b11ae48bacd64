import type { Backend, Manifest } from "@ringline/core";
import { type NatsOptions, settingsOf } from "./options.js";
import { HostsPlace } from "./runtime/hosts-place.js";

/** Manifest of this backend: processes on any machine, to which messages are copied. */
const manifest: Manifest = {
  name: "nats",
  transport: "copy",
  capabilities: { hosts: true, durable: true, losable: true },
};

/**
 * Runs kernels on hosts, which are processes on any machine started with `ringline-host`; messages go over NATS.
 * Kernels are exported from modules, defined with `module: import.meta.url`, and hosts are started with these modules.
 * Throws `INVALID_ARGUMENT`.
 *
 * @example
 * await using runtime = createRuntime({ backend: nats({ servers: "nats.example.org:4222" }) });
 */
export function nats(options: NatsOptions = {}): Backend {
  const settings = settingsOf(options);
  return { manifest, shortcut: "ahead", start: (core) => HostsPlace.start(settings, core) };
}
