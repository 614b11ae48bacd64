import type { ControlPacker } from "@ringline/remote";
import { Packr } from "msgpackr";

const packr = new Packr({ structuredClone: true, mapsAsObjects: false, int64AsType: "bigint" } as never);
const SCRATCH = 8192;

/** Controls between threads as msgpack. What threads tell each other is plain data; messages have their own codec. */
export const controlPacker: ControlPacker = {
  pack: (control) => packr.pack(control),
  unpack: (bytes) => packr.unpack(bytes),
  // msgpackr keeps it, and writes text by Node's own buffers
  trim: () => packr.useBuffer(Buffer.allocUnsafeSlow(SCRATCH)),
};
