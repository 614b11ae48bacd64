import { useData } from "vitepress";
import { defineComponent, h, onMounted, ref, watch } from "vue";

let drawings = 0;

/** Draws Mermaid text, in the browser; until then, and without scripts, the text is shown. */
export const MermaidDrawing = defineComponent({
  props: { code: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const text = decodeURIComponent(props.code);
    const svg = ref("");
    const draw = async () => {
      const { default: mermaid } = await import("mermaid");
      mermaid.initialize({
        startOnLoad: false,
        theme: isDark.value ? "dark" : "neutral",
        flowchart: { useMaxWidth: false },
      });
      const isNarrow = window.innerWidth < 640; // a chain goes down a phone, not across it
      const shown = isNarrow ? text.replace(/^flowchart LR/, "flowchart TD") : text;
      svg.value = (await mermaid.render(`drawing-${drawings++}`, shown)).svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () => (svg.value === "" ? h("pre", text) : h("div", { class: "drawing", innerHTML: svg.value }));
  },
});
