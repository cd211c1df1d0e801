/** "99.97%": never rounded up to a whole that was not reached. */
export const percent = (share: number): string => {
  const whole = Math.min(1, Math.max(0, share)) * 100;
  return whole === 100 ? "100%" : `${(Math.floor(whole * 100) / 100).toFixed(2)}%`;
};

/** "45 s", "12 min", "3 h 20 min", "2 d 4 h". */
export const inWords = (seconds: number): string => {
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${String(hours)} h ${String(minutes % 60)} min`;
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
};
