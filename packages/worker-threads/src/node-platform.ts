import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ChannelEnd, ControlPacker } from "@ringline/remote";
import { controlPacker } from "./control-packer.js";

/** Services of Node for the host and for its threads. */
export const nodePlatform = {
  packer: controlPacker as ControlPacker,
  open(end: object, arrived: (message: unknown) => void): ChannelEnd {
    const port = end as MessagePort;
    port.on("message", arrived);
    return {
      post: (message, transfer) => port.postMessage(message, transfer as MessagePort[]),
      take: () => receiveMessageOnPort(port),
      close: () => port.close(),
    };
  },
};
