// A link of this machine that can be cut and healed: a TCP proxy on loopback.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** @param {number} target the port that it leads to */
export async function openLink(target) {
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(target, "127.0.0.1");
    join(near, far);
    join(far, near);
  }).listen(0, "127.0.0.1");
  /** @param {import("node:net").Socket} one @param {import("node:net").Socket} other */
  function join(one, other) {
    sockets.add(one);
    one.on("error", () => {});
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    address: `127.0.0.1:${port}`,
    /** Ends what goes over it, in the middle of whatever that is, and lets nobody through. */
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      isCut = false;
    },
    async close() {
      this.cut();
      server.close();
      await once(server, "close");
    },
  };
}
