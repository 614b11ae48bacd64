import type { AnyMessage } from "../messages/any-message.js";
import type { AnyOrigin } from "./joint-origin.js";

/** Makes a dead letter of what a node held; it is entered there. */
export type Bury = (message: AnyMessage, origin: AnyOrigin, node: number) => void;
