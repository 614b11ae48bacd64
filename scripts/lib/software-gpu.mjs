import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unpackArchive, unpackFile } from "./unpack.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packed = `${root}node_modules/@sparticuz/chromium`;

/** True where the unpacked adapter works; other systems use their own adapter and browser. */
export const hasSoftwareGpu = process.platform === "linux" && process.arch === "x64";

/**
 * Lets the processes that are started from now on find SwiftShader, a Vulkan driver in software, and no other: the loader
 * looks for it when a process starts. Does nothing where it does not run, nor with RINGLINE_ADAPTER=system: then the adapter
 * is the machine's own.
 */
export function useSoftwareGpu() {
  if (!hasSoftwareGpu || process.env["RINGLINE_ADAPTER"] === "system") return;
  const folder = cached("swiftshader", (to) => unpackArchive(`${packed}/bin/swiftshader.tar.br`, to));
  const driver = `${folder}/vk_swiftshader_icd.json`;
  process.env["VK_ICD_FILENAMES"] = driver;
  process.env["VK_DRIVER_FILES"] = driver;
  process.env["LD_LIBRARY_PATH"] = [folder, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":");
}

/** A headless Chromium and the folder of the libraries that it needs. */
export function softwareBrowser() {
  const folder = cached("chromium", (to) => {
    unpackFile(`${packed}/bin/chromium.br`, `${to}/chromium`);
    unpackArchive(`${packed}/bin/al2023.tar.br`, to);
    // its GPU process looks for the driver beside the program
    unpackArchive(`${packed}/bin/swiftshader.tar.br`, to);
  });
  return { executable: `${folder}/chromium`, libraries: `${folder}/lib` };
}

/**
 * A folder that is filled once for each version of the package.
 * @param {string} name
 * @param {(folder: string) => void} fill
 */
function cached(name, fill) {
  const { version } = JSON.parse(readFileSync(`${packed}/package.json`, "utf8"));
  const folder = `${root}node_modules/.cache/ringline/${name}-${version}`;
  if (existsSync(folder)) return folder;
  console.error(`Unpacking ${name} from @sparticuz/chromium …`);
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  fill(half);
  try {
    renameSync(half, folder); // whoever comes second finds it there
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
