import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
// The base comes before the rooms' own style sheets, which build on it.
import "./kernel/tokens.css";
import "./kernel/parts.css";
import { App } from "./console/App";
import { dress } from "./kernel/preferences";
import { startWords } from "./kernel/words";

dress();
await startWords();
const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
