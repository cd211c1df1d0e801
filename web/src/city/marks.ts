import type { Palette } from "./palette";
import type { Standing } from "./model";

/** Pixels a CSS pixel: marks stay sharp on dense screens. */
export const MARK_RATIO = 3;

function canvas(size: number): CanvasRenderingContext2D {
  const element = document.createElement("canvas");
  element.width = size * MARK_RATIO;
  element.height = size * MARK_RATIO;
  const context = element.getContext("2d");
  if (!context) throw new Error("this browser draws no canvas");
  context.scale(MARK_RATIO, MARK_RATIO);
  context.lineJoin = "round";
  context.lineCap = "round";
  return context;
}

function finish(context: CanvasRenderingContext2D): ImageData {
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

const COLOUR: Record<Standing, keyof Palette> = {
  up: "good", warn: "high", down: "critical", off: "faint", unknown: "faint",
};

/** Filled circle up, triangle stalled, square with a cross down, bar stopped, ring unknown. */
function camera(standing: Standing, colours: Palette): ImageData {
  const size = 20;
  const middle = size / 2;
  const draw = canvas(size);
  const colour = colours[COLOUR[standing]];
  draw.fillStyle = colour;
  draw.strokeStyle = colours["mark-line"];
  draw.lineWidth = 1.5;
  draw.beginPath();
  if (standing === "up") draw.arc(middle, middle, 5, 0, Math.PI * 2);
  else if (standing === "warn") {
    draw.moveTo(middle, 3.5);
    draw.lineTo(16.5, 15.5);
    draw.lineTo(3.5, 15.5);
    draw.closePath();
  } else if (standing === "down") draw.roundRect(4, 4, 12, 12, 2.5);
  else if (standing === "off") draw.roundRect(5, 5, 10, 10, 5);
  else draw.arc(middle, middle, 5, 0, Math.PI * 2);
  if (standing === "unknown") {
    draw.fillStyle = colours.surface;
    draw.fill();
    draw.strokeStyle = colour;
    draw.lineWidth = 2;
    draw.stroke();
  } else {
    draw.fill();
    draw.stroke();
  }
  if (standing === "down" || standing === "off") {
    draw.strokeStyle = colours["mark-line"];
    draw.lineWidth = 2;
    draw.beginPath();
    if (standing === "down") {
      draw.moveTo(7.5, 7.5);
      draw.lineTo(12.5, 12.5);
      draw.moveTo(12.5, 7.5);
      draw.lineTo(7.5, 12.5);
    } else {
      draw.moveTo(7.5, middle);
      draw.lineTo(12.5, middle);
    }
    draw.stroke();
  }
  return finish(draw);
}

/** What a camera looks at: a wedge of 50 degrees, opening northwards, fading outwards. */
function wedge(colours: Palette): ImageData {
  const size = 96;
  const middle = size / 2;
  const half = (25 * Math.PI) / 180;
  const draw = canvas(size);
  const fade = draw.createRadialGradient(middle, middle, 10, middle, middle, middle);
  fade.addColorStop(0, colours.accent);
  fade.addColorStop(1, "rgb(0 0 0 / 0)");
  draw.globalAlpha = 0.8;
  draw.fillStyle = fade;
  draw.beginPath();
  draw.moveTo(middle, middle);
  draw.arc(middle, middle, middle - 1, -Math.PI / 2 - half, -Math.PI / 2 + half);
  draw.closePath();
  draw.fill();
  return finish(draw);
}

/** Direction of travel along the path. */
function arrow(colours: Palette): ImageData {
  const draw = canvas(12);
  draw.strokeStyle = colours.path;
  draw.lineWidth = 2;
  draw.beginPath();
  draw.moveTo(4, 2.5);
  draw.lineTo(8, 6);
  draw.lineTo(4, 9.5);
  draw.stroke();
  return finish(draw);
}

/** Draws the mark that the style asks for by name: "camera-up", "wedge", "arrow". */
export function mark(name: string, colours: Palette): ImageData | undefined {
  if (name.startsWith("camera-")) return camera(name.slice("camera-".length) as Standing, colours);
  if (name === "wedge") return wedge(colours);
  if (name === "arrow") return arrow(colours);
  return undefined;
}

export const MARKS = ["camera-up", "camera-warn", "camera-down", "camera-off", "camera-unknown", "wedge", "arrow"];
