// Leaves one declaration of each type in the `dist` of the package in whose folder it runs: a type that is declared for ES modules
// and once more for CommonJS is two types, and a kernel of a CommonJS dependency would not fit a runtime of an ES module program.
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";

const manifest = readFileSync("package.json", "utf8");
for (const name of readdirSync("dist").filter((file) => file.endsWith(".d.ts"))) {
  const twin = name.replace(/ts$/, "cts");
  if (!existsSync(`dist/${twin}`) && manifest.includes(`./dist/${name}"`)) continue;
  if (manifest.includes(`"./dist/${name}"`)) {
    writeFileSync(`dist/${name}`, `export * from "./${name.replace(/d\.ts$/, "cjs")}";\n`);
  } else {
    unlinkSync(`dist/${name}`); // a part that only declarations of ES modules share
  }
}
