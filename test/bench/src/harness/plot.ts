/** A small line chart as SVG, with no script and no dependency. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 720;
const HEIGHT = 420;
const MARGIN = { left: 80, right: 20, top: 40, bottom: 50 };

const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** @param x label of the abscissa; @param y label of the ordinate, which starts at 0. */
export function lineChart(title: string, x: string, y: string, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const maxX = Math.max(1, ...points.map(([px]) => px));
  const maxY = Math.max(1, ...points.map(([, py]) => py)) * 1.05;
  const toX = (value: number) => MARGIN.left + (value / maxX) * (WIDTH - MARGIN.left - MARGIN.right);
  const toY = (value: number) => HEIGHT - MARGIN.bottom - (value / maxY) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const at = ([px, py]: readonly [number, number]) => `${toX(px).toFixed(1)},${toY(py).toFixed(1)}`;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="15">${escape(title)}</text>`,
    ...ticks.map((t) => {
      const level = toY(maxY * t);
      return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${level}" y2="${level}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${level + 4}" text-anchor="end">${Math.round(maxY * t).toLocaleString('en-US')}</text>`;
    }),
    ...ticks.map(
      (t) => `<text x="${toX(maxX * t)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${maxX * t}</text>`,
    ),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escape(x)}</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>`,
    ...series.map(
      (one) =>
        `<polyline fill="none" stroke="${one.colour}" stroke-width="2" points="${one.points.map(at).join(' ')}"/>`,
    ),
    ...series.map(
      (one, i) =>
        `<text x="${MARGIN.left + 10}" y="${MARGIN.top + 14 + i * 16}" fill="${one.colour}">${escape(one.name)}</text>`,
    ),
    `</svg>`,
    '',
  ].join('\n');
}
