/** The map cannot read CSS variables, so they are read once per theme from the document. */
const NAMES = [
  "sea", "land", "park", "road", "road-strong", "line", "line-strong", "text", "muted", "faint", "ground", "surface",
  "accent", "good", "high", "critical", "path", "mark-line",
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

export function palette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    NAMES.map((name) => [name, styles.getPropertyValue(`--${name}`).trim()]),
  ) as Palette;
}
