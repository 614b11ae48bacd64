import type { Manifest } from "@ringline/core";

/** Manifest of this backend: processes on any machine, whose messages are copies. */
export const manifest: Manifest = { name: "nats", transport: "copy", capabilities: { hosts: true, durable: true } };
