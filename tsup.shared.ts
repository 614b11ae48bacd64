import { defineConfig, type Options } from "tsup";

const shared = {
  outDir: "dist",
  target: "es2022",
  tsconfig: "../../tsconfig.build.json",
  clean: true,
  sourcemap: true,
  treeshake: true,
  removeNodeProtocol: false, // there is no "test" without "node:"
} as const;

/** Has the declarations of a package contain the types of remote that it shows, as it is built in. */
export const remoteTypes = { "@ringline/remote": ["../remote/dist/index.d.ts"] };

/**
 * A published package: ESM and CommonJS with a declaration file for each.
 * `types`: the ambient types its sources may use; none keeps Node out of a package that runs in browsers.
 */
export function library(entry: string[], types: string[] = [], more: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    ...shared,
    entry,
    format: ["esm", "cjs"],
    splitting: true, // also in CommonJS: what two entries share is there once
    platform: types.includes("node") ? "node" : "neutral",
    dts: { entry, compilerOptions: { types } },
    ...more,
  });
}

/** A program of this repository, never published: ESM only, no declarations. */
export function program(entry: string[], tsconfig: string = shared.tsconfig): ReturnType<typeof defineConfig> {
  return defineConfig({ ...shared, tsconfig, entry, format: ["esm"], platform: "node" });
}
