/// <reference types="node" />
import { Readable } from "node:stream";
import type { Flow } from "../flows/flow-types.js";
import type { Header } from "../messages/header.js";

/**
 * Outputs of a flow for a source, as a Node stream. The source is pulled as the stream is read; destroying the stream
 * calls the source's `return()`.
 */
export function flowReadable<In extends Header, Out extends Header>(
  flow: Pick<Flow<In, Out>, "process">,
  source: Iterable<In> | AsyncIterable<In>,
): Readable {
  return Readable.from(flow.process(source), { objectMode: true });
}
