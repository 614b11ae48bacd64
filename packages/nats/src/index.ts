export { nats } from "./nats.js";
export type { NatsOptions } from "./options.js";
