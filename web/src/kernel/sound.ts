import { preferences } from "./preferences";
import type { Severity } from "./wire";

let context: AudioContext | undefined;

/** Hertz. Two soft notes; a critical alarm rises and comes twice. */
const NOTES: Record<Severity, number[]> = {
  critical: [659, 880, 659, 880],
  high: [587, 784],
  medium: [523],
  low: [440],
};
const NOTE_S = 0.16;
const LOUDNESS = 0.12;

/**
 * Plays the chime of a severity, unless muted. Before the first key or click on the page a browser
 * allows no sound and complains of every try: nothing is tried.
 */
export function chime(severity: Severity): void {
  if (!preferences().sound || !navigator.userActivation.hasBeenActive) return;
  try {
    context ??= new AudioContext();
    const start = context.currentTime + 0.02;
    NOTES[severity].forEach((hertz, index) => note(hertz, start + index * NOTE_S));
  } catch {
    // Sound is a help, never a condition.
  }
}

function note(hertz: number, at: number): void {
  if (!context) return;
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.type = "sine";
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 1.6);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_S * 1.7);
}
