/**
 * A NATS server and hosts on this machine, for tests and experiments: on loopback, and ended with the process.
 * @packageDocumentation
 */
export { type StartedHost, startHost } from "./testing/start-host.js";
export { findServer, type ServerOptions, type StartedServer, startServer } from "./testing/start-server.js";
