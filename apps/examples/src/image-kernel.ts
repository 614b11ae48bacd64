import { buffer, defineComputeKernel, defineMessage, f32, struct, u32 } from "@ringline/core";

/** Grey values from 0 to 1, row by row. */
export const Image = defineMessage("Image", struct({ width: u32, pixels: buffer(f32) }));

/** Edges: the steepness of the grey values at each pixel (Sobel), which is 0 at the rim. */
export const edges = defineComputeKernel({
  id: "edges",
  module: import.meta.url,
  kind: "program",
  input: Image,
  output: Image,
  tolerance: 1e-4,
  shape: ({ pixels }) => ({ pixels: pixels.length }),
  host({ width, pixels }, out) {
    const height = pixels.length / width;
    const at = (x: number, y: number) => pixels[y * width + x] as number;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const column = (dx: number) => at(x + dx, y - 1) + 2 * at(x + dx, y) + at(x + dx, y + 1);
        const row = (dy: number) => at(x - 1, y + dy) + 2 * at(x, y + dy) + at(x + 1, y + dy);
        out.pixels[y * width + x] = Math.min(1, Math.hypot(column(1) - column(-1), row(1) - row(-1)) / 4);
      }
    }
    return { width };
  },
  passes: [{ entry: "sobel", elements: ({ pixels }) => pixels.length }],
  wgsl: `fn at(x: u32, y: u32) -> f32 { return pixels[y * params.width + x]; }
  fn sobel(i: u32) {
    let w = params.width;
    let h = arrayLength(&pixels) / w;
    let x = i % w;
    let y = i / w;
    if (i == 0u) { result.width = w; }
    if (x == 0u || y == 0u || x == w - 1u || y == h - 1u) {
      out_pixels[i] = 0.0;
      return;
    }
    let right = at(x + 1u, y - 1u) + 2.0 * at(x + 1u, y) + at(x + 1u, y + 1u);
    let left = at(x - 1u, y - 1u) + 2.0 * at(x - 1u, y) + at(x - 1u, y + 1u);
    let below = at(x - 1u, y + 1u) + 2.0 * at(x, y + 1u) + at(x + 1u, y + 1u);
    let above = at(x - 1u, y - 1u) + 2.0 * at(x, y - 1u) + at(x + 1u, y - 1u);
    out_pixels[i] = min(1.0, length(vec2f(right - left, below - above)) / 4.0);
  }`,
});
