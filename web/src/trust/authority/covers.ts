import type { Scope } from "../wire";

/** Whether every text that `plate` (a plate or a pattern) stands for is one of the pattern's. */
function within(pattern: string, plate: string): boolean {
  if (pattern === "") return plate === "";
  const [head, rest] = [pattern[0], pattern.slice(1)];
  if (head === "*") return within(rest, plate) || (plate !== "" && within(pattern, plate.slice(1)));
  if (plate === "" || plate.startsWith("*")) return false;
  return (head === "?" || head === plate[0]) && within(rest, plate.slice(1));
}

/** A first look, to spare a question; the centre decides. */
export function coversPlate(scope: Scope, plate: string): boolean {
  return scope.plates === null || scope.plates.some((each) => within(each, plate));
}
