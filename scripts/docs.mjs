// The documentation as a site. Without arguments: served with live reload. `build` writes docs/site/dist; `preview` serves that.
import { watch } from "node:fs";
import { stage } from "../docs/site/stage.mjs";
import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";

const [command = "dev", ...rest] = process.argv.slice(2);
if (command === "--help") {
  console.log(`Usage: npm run docs [-- build | preview]

Serves the documentation as a site, with live reload. build: writes it to docs/site/dist; preview: serves what was built.`);
  process.exit();
}
if (!["dev", "build", "preview"].includes(command)) {
  console.error("Usage: npm run docs [-- build | preview]");
  process.exit(2);
}

await setUp();
if (command !== "preview") {
  console.log("Writing the API reference from the docstrings …"); // a warning is an error
  const typedoc = [`${root}docs/node_modules/typedoc/bin/typedoc`, "--options", "docs/site/typedoc.json"];
  const { code } = await run(process.execPath, typedoc);
  if (code !== 0) process.exit(code);
}
if (command === "dev") {
  for (const folder of ["docs/concepts", "docs/guides", "docs/patterns", "docs/decisions"]) {
    watch(root + folder, () => {
      try {
        stage();
      } catch (error) {
        console.error(error); // a link that leads nowhere yet
      }
    }).unref();
  }
}
const vitepress = `${root}docs/node_modules/vitepress/bin/vitepress.js`;
const { code } = await run(process.execPath, [vitepress, command, "docs/site", ...rest]);
if (command === "build" && code === 0) console.log("Built docs/site/dist");
process.exitCode = code;
