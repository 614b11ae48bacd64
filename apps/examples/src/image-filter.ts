// A picture in, its edges out as a PNG. The filter runs on the GPU where the backend has one, else in its host body.
import { type Backend, createRuntime, f32, unifiedBuffer } from "@ringline/core";
import { decode, encode } from "fast-png";
import { edges, Image } from "./image-kernel.js";

/** PNG → PNG of its edges, in grey. */
export async function edgesOf(backend: Backend, png: Uint8Array): Promise<Uint8Array> {
  const { width, height, data, channels, depth } = decode(png);
  const white = 2 ** depth - 1;
  const colours = Math.min(channels, 3) === 2 ? 1 : Math.min(channels, 3); // without the opacity
  const grey = Float32Array.from({ length: width * height }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < colours; c++) sum += data[i * channels + c] as number;
    return sum / (colours * white);
  });

  await using runtime = createRuntime({ backend });
  const filter = await runtime.start(edges);
  const { pixels } = await filter.request(Image({ width, pixels: unifiedBuffer(f32, grey) }), { timeout: 30_000 });
  using held = pixels; // the answer is ours to release
  const found = Uint8Array.from(await held.read(), (value) => Math.round(value * 255));
  return encode({ width, height, data: found, channels: 1, depth: 8 });
}
