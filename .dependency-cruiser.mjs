/** Who may import whom among the sources; `npm run check` holds it. A new backend is covered by the general rules. */
const browserSafe = "^packages/((core|in-process|webgpu)/src|worker-threads/src/(ring|codec)/)";
const nodeOnlyParts = "^packages/(conformance/src/(cli|node-test)|core/src/node(-streams)?)([.]ts$|/)";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "packages-import-core-only",
      comment: "Core imports no other package of this repository; the others import no other but core.",
      severity: "error",
      from: { path: "^packages/([^/]+)/src" },
      to: { path: "^(packages|apps|bench)/", pathNot: "^packages/($1|core)/src" },
    },
    {
      name: "core-by-its-entries",
      comment: "Outside core only its published entries are imported.",
      severity: "error",
      from: { pathNot: "^packages/core/" },
      to: { path: "^packages/core/", pathNot: "^packages/core/src/(index|backend|node|testing)[.]ts$" },
    },
    {
      name: "no-node-in-browser-code",
      comment: "These sources run in browsers too: no module of Node.",
      severity: "error",
      from: { path: `${browserSafe}|^packages/conformance/src`, pathNot: nodeOnlyParts },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "nothing-imports-programs",
      comment: "Apps, the bench and the docs use packages, never the other way round, nor each other.",
      severity: "error",
      from: { path: "^(packages|apps/[^/]+|bench|docs)/" },
      to: { path: "^(apps|bench|docs)/", pathNot: "^$1/" },
    },
    {
      name: "no-cycles",
      comment: "Also among types: a cycle hides which file is the base of which.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolved",
      comment: "An import that leads nowhere escapes every other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(dist|test)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};
