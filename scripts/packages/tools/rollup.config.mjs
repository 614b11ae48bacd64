export default {
  input: ["main.js", "kernels.js"],
  output: { dir: "dist/rollup" },
  external: /^@ringline\//,
};
