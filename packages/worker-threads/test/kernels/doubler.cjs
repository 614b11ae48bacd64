const { pathToFileURL } = require("node:url");
const { body, defineKernel, defineMessage } = require("@ringline/core");

const N = defineMessage("N", /** @type {ReturnType<typeof body<{ readonly n: number }>>} */ (body()));
const module_ = pathToFileURL(__filename).href;
const doubler = defineKernel({
  id: "doubler",
  module: module_,
  input: N,
  output: N,
  handle: ({ n }) => N({ n: n * 2 }),
});

module.exports = { N, doubler };
