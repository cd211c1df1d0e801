import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockCentre } from "./mock/plugin.ts";

/** Where `npm run dev` finds a running centre; `npm run mock` needs none. */
const centre = process.env["AMAAN_URL"] ?? "http://127.0.0.1:8420";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockCentre()] : [])],
  build: {
    outDir: "../src/amaan/console/static",
    emptyOutDir: true,
    // Everything is its own file, so that the content security policy needs no data: for fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "map", test: /maplibre-gl/ },
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/ },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  server: mode === "mock" ? {} : { proxy: { "/api": centre } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
}));
