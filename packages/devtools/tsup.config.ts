import { defineConfig } from "tsup";
import { library } from "../../tsup.shared.ts";

const entries = ["src/index.ts", "src/operations.ts"];

export default [
  library([...entries, "src/ringline.ts"], ["node"], {
    shims: true,
    clean: ["!page/**"], // which is built at the same time
    dts: { entry: entries, compilerOptions: { types: ["node"] } },
  }),
  // the page: one script with all that it needs, and one style sheet
  defineConfig({
    entry: { page: "src/page/page.tsx" },
    outDir: "dist/page",
    clean: true,
    format: ["iife"],
    outExtension: () => ({ js: ".js" }),
    platform: "browser",
    target: "es2022",
    minify: true,
    noExternal: [/./],
    dts: false,
  }),
];
