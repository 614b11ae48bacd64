import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/**
 * Writes a file that was compressed by Brotli.
 * @param {string} from
 * @param {string} to
 */
export function unpackFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, brotliDecompressSync(readFileSync(from)));
  chmodSync(to, 0o755);
}

/**
 * Writes the files of a tar archive that was compressed by Brotli. Links are made copies.
 * @param {string} from
 * @param {string} folder
 */
export function unpackArchive(from, folder) {
  const tar = brotliDecompressSync(readFileSync(from));
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    /** @type {(start: number, length: number) => string} */
    const text = (start, length) =>
      /** @type {string} */ (tar.toString("utf8", at + start, at + start + length).split("\0")[0]);
    const size = Number.parseInt(text(124, 12), 8) || 0;
    const path = join(folder, join("/", text(345, 155), text(0, 100)));
    const isFile = ["0", ""].includes(text(156, 1));
    if (isFile) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, tar.subarray(at + 512, at + 512 + size));
      chmodSync(path, Number.parseInt(text(100, 8), 8) & 0o777 || 0o644);
    } else if (text(156, 1) === "2") {
      const target = join(dirname(path), text(157, 100));
      writeFileSync(path, readFileSync(target));
      chmodSync(path, 0o755);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
