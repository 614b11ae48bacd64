import { defineConfig } from "tsup";
import { library } from "../../tsup.shared.ts";

const entries = ["src/index.ts", "src/operations.ts"];

/** uPlot formats by the browser's language as it loads; a browser without a display may have one that does not exist. */
const KNOWN_LANGUAGE = `try { new Intl.NumberFormat(navigator.language) }
catch { Object.defineProperty(navigator, "language", { value: "en" }) }`;

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
    banner: { js: KNOWN_LANGUAGE },
    dts: false,
  }),
];
