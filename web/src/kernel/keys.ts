import { useEffect, useRef } from "react";

/** A key ("j", "Enter", "mod+k") or two in a row ("g m"), and what it does. */
export type Keys = Record<string, ((event: KeyboardEvent) => void) | undefined>;

const SEQUENCE_MS = 1200;
const layers: { current: Keys }[] = [];
let pending = "";
let pendingAt = 0;

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // A form's own keys (Enter sends, Space ticks, arrows choose) stay with the form.
  if (target.isContentEditable || target.closest("form")) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function named(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return mod + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

/** The letter on a Latin keyboard, so that shortcuts work with an Urdu layout too. */
function latin(event: KeyboardEvent): string {
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : named(event);
}

function find(name: string): ((event: KeyboardEvent) => void) | undefined {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const action = layers[index]?.current[name];
    if (action) return action;
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const mod = event.ctrlKey || event.metaKey;
  if (!mod && typing(event.target)) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog && !mod) return;
  const name = mod ? `mod+${latin(event)}` : named(event);
  const fresh = performance.now() - pendingAt < SEQUENCE_MS;
  const plain = mod ? name : latin(event);
  const action =
    (pending && fresh ? find(`${pending} ${plain}`) : undefined) ?? find(name) ?? find(plain);
  pending = "";
  if (action) {
    // Enter and Space on a button or link are the browser's, not ours.
    if ((name === "Enter" || name === " ") && event.target instanceof Element) {
      if (event.target.closest("button, a, summary, [role=menuitem]")) return;
    }
    event.preventDefault();
    action(event);
    return;
  }
  if (!mod && layers.some(({ current }) => startsSequence(current, plain))) {
    pending = plain;
    pendingAt = performance.now();
  }
}

function startsSequence(keys: Keys, name: string): boolean {
  return Object.keys(keys).some((each) => each.startsWith(`${name} `));
}

/** Binds keys while the component is mounted; the one mounted last wins. */
export function useKeys(keys: Keys): void {
  const layer = useRef(keys);
  useEffect(() => {
    layer.current = keys;
  });
  useEffect(() => {
    if (layers.length === 0) window.addEventListener("keydown", onKey);
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, []);
}
