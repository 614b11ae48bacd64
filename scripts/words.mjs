// How comments and pages are worded. A doc comment begins with its subject; words that are banned do not come back.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./lib/process.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: node scripts/words.mjs [--list]

Counts the doc comments that begin with a pronoun or a wh-word, and looks for banned phrases in the pages.
--list prints each. Exit code 1: there are more such comments than before, or a phrase is there.`);
  process.exit();
}

/** The most that there may be. Lower it when you have reworded some; it never rises. */
const CEILING = 0;
const OPENING =
  /^(its?|this|that|these|those|they|whatever|whoever|wherever|whenever|what|who|whose|where|which|how|why|when|there|here)\b/i;
/** Banned phrases, with their replacements. */
const BANNED = {
  mended: "fixed",
  "tells of": "reports, describes",
  "for ever": "forever",
  "begins anew": "restarts",
  "in the name of": "on behalf of",
  "stands in the place": "replaces",
};

const isList = process.argv.includes("--list");
const openings = filesOf("*.ts", "*.mjs").flatMap((file) => {
  const comments = readFileSync(root + file, "utf8").matchAll(/\/\*\*([\s\S]*?)\*\//g);
  return [...comments]
    .map(([, text]) => plain(text))
    .filter((text) => OPENING.test(text))
    .map((text) => `${file}: ${text}`);
});
const phrases = filesOf("*.md")
  .filter((file) => !/CHANGELOG|broken-backends/.test(file))
  .flatMap((file) =>
    readFileSync(root + file, "utf8")
      .split("\n")
      .flatMap((line, i) =>
        Object.entries(BANNED)
          .filter(([phrase]) => new RegExp(`\\b${phrase}\\b`, "i").test(line))
          .map(([phrase, better]) => `${file}:${i + 1}: "${phrase}": write "${better}"`),
      ),
  );

if (isList) console.log(openings.join("\n"));
console.log(`${openings.length} doc comments begin with a pronoun or a wh-word, at most ${CEILING} may.`);
if (openings.length < CEILING) console.log(`Lower CEILING in scripts/words.mjs to ${openings.length}.`);
if (openings.length > CEILING) console.error("Name the subject first; --list prints them.");
for (const phrase of phrases) console.error(phrase);
process.exitCode = openings.length > CEILING || phrases.length > 0 ? 1 : 0;

/** @param {string[]} patterns */
function filesOf(...patterns) {
  return execFileSync("git", ["ls-files", ...patterns], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

/** @param {string | undefined} comment */
function plain(comment = "") {
  return comment
    .replace(/\n\s*\*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
