/** The import rules among the sources, which `npm run check` verifies. The general rules cover a new backend. */
const browserSafe = "^packages/((core|in-process|web-workers|webgpu|remote)/src|devtools/src/(watch|page)/)";
const nodeOnlyParts = "^packages/(conformance/src/(cli|node-test)|core/src/node)([.]ts$|/)";
const written = "errors|time|messages|buffers|layouts|telemetry|kernels|compute|topologies";
const running = "runtime|flows|testing";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "packages-import-core-only",
      comment:
        "Core imports no other package of this repository; backends import core and remote, the others core alone.",
      severity: "error",
      from: { path: "^packages/([^/]+)/src" },
      to: { path: "^(packages|apps|bench)/", pathNot: "^packages/($1|core|remote)/src" },
    },
    {
      name: "only-backends-import-remote",
      comment: "What far places share is for backends: core, the suite and what watches a runtime know nothing of it.",
      severity: "error",
      from: { path: "^packages/(core|conformance|devtools|opentelemetry|streams|create-ringline)/src" },
      to: { path: "^packages/remote/" },
    },
    {
      name: "core-by-its-entries",
      comment: "Outside core only its published entries are imported.",
      severity: "error",
      from: { pathNot: "^packages/core/" },
      to: { path: "^packages/core/", pathNot: "^packages/core/src/(index|backend|internal|node|testing)[.]ts$" },
    },
    {
      name: "internal-is-for-packages",
      comment: "Apps and docs show what anybody can write: by the entries that promise something.",
      severity: "error",
      from: { path: "^(apps|docs)/" },
      to: { path: "^packages/core/src/internal[.]ts$" },
    },
    {
      name: "core-says-before-it-runs",
      comment: "What is written down imports nothing of what runs it; an error may name the state of a kernel.",
      severity: "error",
      from: { path: `^packages/core/src/(${written})/` },
      to: { path: `^packages/core/src/(seam|ports|host|${running})/`, pathNot: "/runtime/kernel-state[.]ts$" },
    },
    {
      name: "core-seam-is-a-base",
      comment: "A backend's contract imports no implementation, but for the type of what a flow shares with threads.",
      severity: "error",
      from: { path: "^packages/core/src/seam/" },
      to: { path: `^packages/core/src/(ports|host|${running})/`, pathNot: "/flows/shared-inputs[.]ts$" },
    },
    {
      name: "core-hosts-know-no-runtime",
      comment: "Ports and kernel hosts work wherever a backend puts them: nothing of the runtime is there.",
      severity: "error",
      from: { path: "^packages/core/src/(ports|host)/" },
      to: { path: `^packages/core/src/(${running})/` },
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
