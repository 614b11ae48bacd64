export default {
  mode: "production",
  target: "node20",
  entry: { kernels: "./kernels.js", main: { import: "./main.js", dependOn: "kernels" } },
  experiments: { outputModule: true },
  output: { filename: "[name].mjs", library: { type: "module" }, path: `${import.meta.dirname}/dist/webpack` },
  externals: /^@ringline\//,
  externalsType: "module",
  module: { parser: { javascript: { importMeta: false } } }, // else it is the path of the source
};
