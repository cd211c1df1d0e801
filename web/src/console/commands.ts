import { normalPlate } from "../plates/reads";

export interface Command {
  id: string;
  group: string;
  text: string;
  /** Shown at the end of the line. */
  keys?: string;
  run: () => void;
}

/** Letters with a figure or a wildcard: enough to try it as a plate. */
export function looksLikePlate(text: string): boolean {
  const plate = normalPlate(text);
  return plate.length >= 2 && plate.length <= 12 && /[0-9?*]/.test(plate);
}

/** Commands that hold every word of `text`, in their own order, few enough to look at. */
export function matching(commands: Command[], text: string, most: number): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter((command) => {
    const own = `${command.text} ${command.id}`.toLowerCase();
    return words.every((word) => own.includes(word));
  }).slice(0, most);
}
