import type { ControlPacker } from "@ringline/remote";
import { Packr } from "msgpackr/pack";

const packr = new Packr({ structuredClone: true, mapsAsObjects: false, int64AsType: "bigint" } as never);
const SCRATCH = 8192;

/** Encodes controls between threads as msgpack. Controls are plain data; messages have their own codec. */
export const controlPacker: ControlPacker = {
  pack: (control) => packr.pack(control),
  unpack: (bytes) => packr.unpack(bytes),
  // msgpackr keeps its write buffer; it must be a Buffer, whose methods it uses for text
  trim: () => packr.useBuffer(Buffer.allocUnsafeSlow(SCRATCH)),
};
