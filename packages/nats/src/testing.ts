/**
 * A NATS server and hosts of this machine, for tests and for trying things out: on loopback, and gone when the process ends.
 * @packageDocumentation
 */
export { type StartedHost, startHost } from "./testing/start-host.js";
export { findServer, type ServerOptions, type StartedServer, startServer } from "./testing/start-server.js";
