import type { Case } from "../case.js";
import { nodeStreams } from "./streams/node-streams.js";
import { pulling } from "./streams/pulling.js";
import { webStreams } from "./streams/web-streams.js";

/** The rules of Reactive Streams, of async iterators, of WHATWG streams and of Node streams that flows keep. */
export const streams: readonly Case[] = [...pulling, ...webStreams, ...nodeStreams];
