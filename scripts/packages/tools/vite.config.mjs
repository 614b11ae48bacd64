export default {
  build: {
    ssr: true,
    outDir: "dist/vite",
    rollupOptions: { input: ["main.js", "kernels.js"] }, // the kernels are an entry of their own
  },
};
