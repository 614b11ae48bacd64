import { defineConfig } from "vitepress";
import { stage } from "../stage.mjs";

const sidebar = stage();

export default defineConfig({
  title: "Ringline",
  description: "Ring kernels for TypeScript: persistent actors over typed messages",
  lang: "en",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: true,
  themeConfig: {
    nav: [
      { text: "Guides", link: "/overview#guides", activeMatch: "^/(guides|concepts|patterns)/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      { text: "Performance", link: "/performance" },
      { text: "Errors", link: "/errors" },
    ],
    sidebar: sidebar.map((section) => ({
      ...section,
      collapsed: section.text === "Project" || section.text === "API",
    })),
    outline: [2, 3],
    search: { provider: "local" },
  },
  markdown: {
    config(md) {
      const { fence } = md.renderer.rules;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const token = tokens[index];
        if (token?.info !== "mermaid") return fence?.(tokens, index, ...rest) ?? "";
        return `<MermaidDrawing code="${encodeURIComponent(token.content)}" />`;
      };
    },
  },
});
