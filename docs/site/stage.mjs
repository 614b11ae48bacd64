// Gathers the pages of the repository into one folder for the site. Links between them, and to programs, are led to where
// they are there; a link that leads nowhere is an error.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const staged = fileURLToPath(new URL("pages/", import.meta.url));

/** In the order of the sidebar: heading → pages of the repository. */
const sections = {
  Start: ["README.md", "docs/README.md", "docs/install.md"],
  Concepts: listed("concepts"),
  Guides: listed("guides"),
  Patterns: listed("patterns"),
  Packages: readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`),
  Reference: [
    "docs/architecture.md",
    "docs/message-path.md",
    "docs/glossary.md",
    "docs/performance.md",
    "docs/errors.md",
    "docs/values.md",
    "docs/conformance-cases.md",
    "docs/conformance-broken-backends.md",
  ],
  Project: [
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...list("docs/decisions"),
    ...readdirSync(`${root}apps`).map((name) => `apps/${name}/README.md`),
    "bench/README.md",
  ],
};

/**
 * In the order of the index, which names every page.
 * @param {string} folder
 */
function listed(folder) {
  const index = readFileSync(`${root}docs/README.md`, "utf8");
  return [...index.matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)]
    .map(([, page]) => `docs/${page}`)
    .filter((page) => page.startsWith(`docs/${folder}/`));
}

/** @param {string} folder */
function list(folder) {
  return readdirSync(root + folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}

const languages = /** @type {Record<string, string>} */ ({ ".ts": "ts", ".mjs": "js", ".js": "js", ".json": "json" });

/**
 * Writes the pages anew.
 * @returns {{ text: string, items: { text: string, link: string }[] }[]} the sidebar
 */
export function stage() {
  const pages = Object.values(sections)
    .flat()
    .filter((page) => existsSync(root + page));
  const places = new Map(pages.map((page) => [page, placeOf(page)]));
  /** @type {Map<string, string>} */
  const programs = new Map();
  /** @type {Set<string>} */
  const pictures = new Set();
  /** @type {string[]} */
  const dead = [];

  /** @type {(from: string, to: string) => string | undefined} where a link of a page leads to on the site */
  const lead = (from, to) => {
    const target = posix.normalize(posix.join(posix.dirname(from), to)).replace(/\/$/, "");
    const page = places.get(target) ?? places.get(`${target}/README.md`);
    if (page !== undefined) return `/${page}`;
    if (!existsSync(root + target) || extname(target) === ".md") dead.push(`${from}: ${to}`); // none, or not on the site
    if ([".svg", ".png"].includes(extname(target))) {
      pictures.add(target);
      return `/${posix.basename(target)}`;
    }
    if (languages[extname(target)] === undefined) return undefined; // a folder: it is named, and that is all
    programs.set(target, `programs/${target.replaceAll("/", "-").replaceAll(".", "-")}.md`);
    return `/${programs.get(target)}`;
  };

  rmSync(staged, { recursive: true, force: true });
  for (const [page, place] of places) write(place, relinked(readFileSync(root + page, "utf8"), page, lead));
  for (const [program, place] of programs) write(place, programPage(program));
  for (const picture of pictures) cpSync(root + picture, join(staged, "public", posix.basename(picture)));
  write("index.md", frontPage(lead));
  const api = fileURLToPath(new URL("api/", import.meta.url)); // by `npm run docs`, from the docstrings
  const hasApi = existsSync(api);
  if (hasApi) {
    cpSync(api, join(staged, "api"), { recursive: true });
    addKernelOptions(join(staged, "api/@ringline/core"));
  }
  if (dead.length > 0) throw new Error(`Links that lead nowhere:\n${dead.join("\n")}`);

  const sidebar = Object.entries(sections).map(([text, those]) => ({
    text,
    items: those.flatMap((page) => {
      const place = places.get(page);
      return place === undefined ? [] : [{ text: titleOf(page), link: `/${place.replace(/\.md$/, "")}` }];
    }),
  }));
  if (hasApi) sidebar.splice(1, 0, { text: "API", items: apiItems(api) });
  return sidebar;
}

/**
 * The parts of the README that a visitor sees first: program, figures, backends.
 * @param {(from: string, to: string) => string | undefined} lead
 */
function frontPage(lead) {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const program = /```ts\n[\s\S]*?```/.exec(readme)?.[0];
  const parts = ["Figures", "Backends and runtimes"].map((title) => {
    const section = new RegExp(`^## ${title}\\n[\\s\\S]*?(?=^## )`, "m").exec(readme)?.[0];
    if (section === undefined) throw new Error(`README.md has no section "${title}"`);
    return section;
  });
  const text = ["## A pipeline in one file", program, ...parts].join("\n\n");
  return `${readFileSync(new URL("index.md", import.meta.url), "utf8")}\n${relinked(text, "README.md", lead)}\n`;
}

/**
 * The entries of the API, by the names under which people import them.
 * @param {string} api
 */
function apiItems(api) {
  const index = readFileSync(join(api, "index.md"), "utf8");
  const entries = [...index.matchAll(/\[(@ringline[^\]]*)\]\(([^)]+)index\.md\)/g)];
  return entries.map(([, text, link]) => ({ text: /** @type {string} */ (text), link: `/api/${link}` }));
}

/**
 * The options of a kernel, on the page of `defineKernel` as well.
 * @param {string} core
 */
function addKernelOptions(core) {
  const page = join(core, "functions/defineKernel.md");
  const [, options = ""] = readFileSync(join(core, "interfaces/KernelOptions.md"), "utf8").split("## Properties\n");
  const moved = options.replace(/<a id="[^"]*"><\/a>/g, "").replace(/\]\((?=\w+\.md)/g, "](../interfaces/");
  const body =
    "The body and its options are in [`KernelBody`](../type-aliases/KernelBody.md): `handle` with `onError`, or `run` with `ack`.";
  writeFileSync(page, `${readFileSync(page, "utf8")}\n## Options\n${moved}\n${body}\n`);
}

/** @param {string} page */
function placeOf(page) {
  if (page === "README.md") return "about.md";
  if (page === "docs/README.md") return "overview.md";
  return page
    .replace(/^docs\//, "")
    .replace(/\/README\.md$/, ".md")
    .toLowerCase();
}

/** @param {string} page */
function titleOf(page) {
  if (page === "README.md") return "About";
  return /^# (.+)$/m.exec(readFileSync(root + page, "utf8"))?.[1]?.replaceAll("`", "") ?? page;
}

/**
 * @param {string} text
 * @param {string} page
 * @param {(from: string, to: string) => string | undefined} lead
 */
function relinked(text, page, lead) {
  const parts = text.split(/^(```[\s\S]*?^```)/m); // every second one is code
  return parts
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replace(/\[([^\]]+)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g, (_, label, to, anchor = "") => {
            const place = lead(page, to);
            return place === undefined ? label : `[${label}](${place}${anchor})`;
          }),
    )
    .join("");
}

/** @param {string} program */
function programPage(program) {
  const code = readFileSync(root + program, "utf8");
  return `# ${posix.basename(program)}\n\n\`${program}\`\n\n\`\`\`${languages[extname(program)]}\n${code}\`\`\`\n`;
}

/**
 * @param {string} place
 * @param {string} text
 */
function write(place, text) {
  const file = join(staged, place);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
