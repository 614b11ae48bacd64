import { readFile } from "node:fs/promises";

/** Files of the page by name. They are built beside this module; sources find them in the build as well. */
const FOLDER = new URL("../dist/page/", import.meta.url);
const TYPES = { "page.js": "text/javascript", "page.css": "text/css" } as const;

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Ringline</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<body><div id="app"></div><script src="page.js"></script></body>
</html>
`;

/** The content of a file of the page; undefined for one that is not there. "" is the page itself. */
export async function pageFile(name: string): Promise<{ readonly type: string; readonly body: string } | undefined> {
  if (name === "") return { type: "text/html; charset=utf-8", body: HTML };
  if (!Object.hasOwn(TYPES, name)) return undefined;
  const type = `${TYPES[name as keyof typeof TYPES]}; charset=utf-8`;
  return { type, body: await readFile(new URL(name, FOLDER), "utf8") };
}
