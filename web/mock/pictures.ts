export interface Scene {
  plate: string;
  box: [number, number, number, number];
  crop: boolean;
}

function plate(text: string, x: number, y: number, w: number, h: number): string {
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${h * 0.1}" fill="#e9e6da" stroke="#222" stroke-width="${h * 0.05}"/>
  <text x="${x + w / 2}" y="${y + h * 0.78}" font-family="sans-serif" font-weight="700" font-size="${h * 0.76}" textLength="${w * 0.86}" lengthAdjust="spacingAndGlyphs" text-anchor="middle" fill="#15171a">${text}</text>`;
}

/** A street with a car, as plain as it can be. */
export function draw({ plate: text, box: [x, y, w, h], crop }: Scene): string {
  if (crop) return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 62" width="400" height="124"><rect width="200" height="62" fill="#3b444e"/>${plate(text, 8, 5, 184, 52)}</svg>`;
  const middle = x + w / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">
  <defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#8fa3b5"/><stop offset="1" stop-color="#c9c4b4"/></linearGradient></defs>
  <rect width="1280" height="720" fill="url(#s)"/><path d="M0 300 140 210 260 240 400 160 520 230 760 180 900 240 1100 190 1280 260V420H0Z" fill="#6f7a80"/>
  <path d="M0 720 480 330H800L1280 720Z" fill="#4a4f55"/><path d="M630 720 638 340h6l12 380Z" fill="#d7d3c4" opacity=".7"/>
  <path d="M${middle - 190} ${y + 70}q4-120 40-150l40-92h220l40 92q36 30 40 150v70h-380Z" fill="#dfe3e6"/><path d="M${middle - 98} ${y - 82}l26-72h144l26 72Z" fill="#2c353d"/>
  <rect x="${middle - 176}" y="${y - 20}" width="70" height="30" rx="10" fill="#f6f1cf"/><rect x="${middle + 106}" y="${y - 20}" width="70" height="30" rx="10" fill="#f6f1cf"/>
  <rect x="${middle - 170}" y="${y + 130}" width="62" height="40" fill="#1c1f22"/><rect x="${middle + 108}" y="${y + 130}" width="62" height="40" fill="#1c1f22"/>
  ${plate(text, x, y, w, h)}</svg>`;
}
