import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** WCAG 2.2 AA: 4.5 for text, 3 for the edges of fields and for marks. */
const TEXT = 4.5;
const EDGE = 3;

const css = readFileSync("src/kernel/tokens.css", "utf8");

function theme(selector: string): Record<string, string> {
  const start = css.indexOf(selector);
  const block = css.slice(css.indexOf("{", start) + 1, css.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = "", value = ""]): [string, string] => [name, value]));
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["ground", "surface", "raised", "hover", "chosen"];
const TEXTS = ["text", "muted", "faint", "accent", "critical", "high", "medium", "low", "good"];
const PAIRS: [string, string, number][] = [
  ...GROUNDS.flatMap((ground) => TEXTS.map((text): [string, string, number] => [text, ground, TEXT])),
  ["critical", "critical-ground", TEXT], ["high", "high-ground", TEXT], ["good", "good-ground", TEXT], ["text", "critical-ground", TEXT], ["text", "high-ground", TEXT],
  ["on-accent", "accent-ground", TEXT], ["plate-text", "plate", TEXT],
  ["field-line", "ground", EDGE], ["field-line", "surface", EDGE], ["path", "land", EDGE],
  ["good", "land", EDGE], ["high", "land", EDGE], ["critical", "land", EDGE], ["text", "land", TEXT], ["muted", "land", TEXT], ["muted", "sea", TEXT],
];

describe.each([["dark", '[data-theme="dark"] {'], ["light", '[data-theme="light"] {']])("the %s theme", (_name, selector) => {
  const colours = theme(selector);
  it.each(PAIRS)("shows %s on %s with a contrast of at least %d", (front, back, least) => {
    const [one, other] = [colours[front], colours[back]];
    if (!one || !other) throw new Error(`no colour ${front} or ${back}`);
    expect(contrast(one, other)).toBeGreaterThanOrEqual(least);
  });
});
