import DefaultTheme from "vitepress/theme";
import { MermaidDrawing } from "./mermaid-drawing.mjs";
import "./style.css";

/** @type {import("vitepress").Theme} */
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("MermaidDrawing", MermaidDrawing);
  },
};
