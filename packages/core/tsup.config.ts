import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Options } from "tsup";
import { library } from "../../tsup.shared.ts";

/**
 * `uuid` is an ES module only, which CommonJS cannot require everywhere (Jest, Node before 20.19): it is part of what is built, with
 * its licence beside it.
 */
const uuid = {
  noExternal: ["uuid"],
  onSuccess: () => copyFile("node_modules/uuid/LICENSE.md", "dist/uuid.LICENSE.md"),
};

/** So that an error can name the copies of core that met. */
const define = { RINGLINE_VERSION: JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).version) };

/**
 * Files of modules: messages alone, and all that a thread needs. A thread loads these two; the other entries import them, so
 * that nothing of core is there twice. A bundle for a browser that defines messages takes the first alone.
 */
const FILES = { messages: ["src/messages/define-message.ts", "src/messages/body.ts"], thread: ["src/thread.ts"] };
type File = keyof typeof FILES;
const fileOf = new Map<string, File>();
const exportedBy = new Map<string, string>();
const assign = (module: string, file: File): void => {
  if (fileOf.has(module) || module.endsWith("create-runtime.ts")) return;
  fileOf.set(module, file);
  const text = readFileSync(module, "utf8");
  for (const [, name] of text.matchAll(/^export (?:async )?(?:function\*?|const|class|let) (\w+)/gm)) {
    const [first, second] = [exportedBy.get(name as string), relative(".", module)];
    if ((first ?? second) !== second)
      throw new Error(`Two modules of core export ${name}: ${first} and ${second}. Rename one.`);
    exportedBy.set(name as string, second);
  }
  for (const [, from] of text.matchAll(/^(?:import|export) (?!type )[^;]*? from "(\.[^"]+)\.js";/gm)) {
    assign(resolve(module, "..", `${from}.ts`), file);
  }
};
for (const [file, modules] of Object.entries(FILES))
  for (const module of modules) assign(resolve(module), file as File);

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/** Imports the other files for the modules that are in them; a file of modules exports everything in it. */
const files = (own?: File): Plugin => ({
  name: "files",
  setup(build) {
    const extension = build.initialOptions.outExtension?.[".js"] ?? ".js";
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
      const file = fileOf.get(resolve(resolveDir, path.replace(/js$/, "ts")));
      if (kind === "entry-point" || file === undefined || file === own) return undefined;
      return { path: `./${file}${extension}`, external: true };
    });
    if (own === undefined) return;
    const entry = resolve(FILES[own][0] as string);
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path !== entry) return undefined;
      const others = [...fileOf].filter(([module, file]) => file === own && module !== entry);
      const all = others.map(([module]) => `export * from ${JSON.stringify(module.replace(/ts$/, "js"))};`);
      return {
        contents: [readFileSync(path, "utf8"), ...all].join("\n"),
        loader: "ts",
        resolveDir: resolve(path, ".."),
      };
    });
  },
});

const fileOfModules = (own: File) =>
  library([], [], {
    ...uuid,
    entry: { [own]: FILES[own][0] as string },
    define,
    dts: false,
    esbuildPlugins: [files(own)],
    esbuildOptions(options, { format }) {
      if (format === "cjs") options.define = { ...options.define, "import.meta.url": '""' };
    },
    clean: false,
  });

// builds of their own, so that no ambient type of Node is there for what runs in browsers; none cleans away another's files
const builds = [
  fileOfModules("messages"),
  fileOfModules("thread"),
  library(["src/index.ts", "src/backend.ts", "src/internal.ts", "src/testing.ts"], [], {
    esbuildPlugins: [files()],
    define,
    clean: ["**/*", "!node.*", "!thread.*", "!messages.*", "!uuid.*"],
  }),
  library(["src/node.ts"], ["node"], { clean: false }),
];

export default builds.flat();
