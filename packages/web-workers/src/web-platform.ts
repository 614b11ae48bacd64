import { type ChannelEnd, packValue, unpackValue } from "@ringline/remote";

/** Services of a browser for the page and for its workers. */
export const webPlatform = {
  packer: { pack: packValue, unpack: unpackValue, trim() {} },

  open(end: object, arrived: (message: unknown) => void): ChannelEnd {
    const port = end as MessagePort;
    port.onmessage = ({ data }) => arrived(data);
    return {
      post: (message, transfer) => port.postMessage(message, transfer as Transferable[]),
      close: () => port.close(),
    };
  },
};
