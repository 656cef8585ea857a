/**
 * The bipartite picture: sources left, collectors right, a line for each assignment; thick for a moment when it has moved,
 * dashed while its collector is asked to let go. The slider goes back through the history of the lists.
 */
const SVG = 'http://www.w3.org/2000/svg';
const REFRESH_MS = 1_000;
const MOVED_MS = 4_000;
const ROW = 22;
const WIDTH = 640;
const LEFT = 220;
const RIGHT = 470;
const MAX_EVENTS = 40;

const svg = document.getElementById('picture');
const slider = document.getElementById('time');
/** Source to its last owner, and when that changed. */
const owners = new Map();
const movedAtMs = new Map();

/** @param {string} path */
async function ask(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** @returns the element, with its attributes set and its text */
function make(name, attributes, text = '') {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== '') element.textContent = text;
  return element;
}

/** A colour for each collector, by its place in the list. */
const colourOf = (index, count) => `hsl(${Math.round((index * 360) / Math.max(1, count))} 65% 50%)`;

/** @param {{ id: string, verdict: string, load: number | null, sources: string[], revoking: string[] }[]} collectors */
function draw(collectors, unassigned) {
  const held = collectors.flatMap(({ sources, revoking }) => [...sources, ...revoking]);
  const sources = [...new Set([...held, ...unassigned])].sort();
  const height = Math.max(sources.length, collectors.length * 2, 1) * ROW + ROW;
  const y = (index, count) => ((index + 0.5) * height) / count;
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
  const shapes = [];
  const sourceY = new Map(sources.map((source, index) => [source, y(index, sources.length)]));
  const now = performance.now();
  collectors.forEach(({ id, verdict, load, sources: given, revoking }, index) => {
    const at = y(index, collectors.length);
    const colour = colourOf(index, collectors.length);
    for (const source of [...given, ...revoking]) {
      const leaving = !given.includes(source);
      if (!leaving && owners.get(source) !== id) {
        if (owners.has(source)) movedAtMs.set(source, now);
        owners.set(source, id);
      }
      const moved = now - (movedAtMs.get(source) ?? Number.NEGATIVE_INFINITY) < MOVED_MS;
      const from = sourceY.get(source);
      const middle = (LEFT + RIGHT) / 2;
      const kind = `${moved ? 'moved' : ''} ${leaving ? 'revoking' : ''}`.trim();
      const d = `M ${LEFT + 6} ${from} C ${middle} ${from}, ${middle} ${at}, ${RIGHT - 6} ${at}`;
      shapes.push(make('path', { d, stroke: colour, class: kind }));
    }
    const group = make('g', { class: verdict });
    group.append(make('circle', { cx: RIGHT, cy: at, r: 6, fill: colour }));
    const loadText = load === null ? '' : `, load ${Math.round(load * 100)} %`;
    const verdictText = verdict === 'alive' ? '' : `, ${verdict}`;
    group.append(make('text', { x: RIGHT + 12, y: at + 4 }, `${id}: ${given.length}${loadText}${verdictText}`));
    shapes.push(group);
  });
  for (const [source, at] of sourceY) {
    const nobody = unassigned.includes(source);
    const group = make('g', { class: nobody ? 'dead' : '' });
    group.append(
      make('text', { x: LEFT - 4, y: at + 4, 'text-anchor': 'end' }, nobody ? `${source} (nobody)` : source),
    );
    shapes.push(group);
  }
  svg.replaceChildren(...shapes);
}

function tell(text) {
  document.getElementById('summary').textContent = text;
}

function list(entries) {
  const items = entries
    .slice(-MAX_EVENTS)
    .reverse()
    .map(({ at, by, gen, why }) => {
      const item = document.createElement('li');
      item.textContent = `${new Date(at).toLocaleTimeString()} gen ${gen}, ${by}: ${why.slice(0, 3).join('; ')}`;
      return item;
    });
  document.getElementById('events').replaceChildren(...items);
}

/** The lists after the first `count` entries. */
function listsAfter({ base, entries }, count) {
  const lists = new Map(Object.entries(base.lists));
  for (const entry of entries.slice(0, count)) {
    for (const [id, sources] of Object.entries(entry.lists)) {
      if (sources === null) lists.delete(id);
      else lists.set(id, sources);
    }
  }
  return [...lists].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function refresh() {
  const [state, history] = await Promise.all([ask('state'), ask('history')]);
  const atEnd = slider.value === slider.max;
  slider.max = String(history.entries.length);
  if (atEnd) slider.value = slider.max;
  list(history.entries);
  const when = document.getElementById('when');
  if (slider.value !== slider.max) {
    const count = Number(slider.value);
    const entry = history.entries[count - 1] ?? history.base;
    when.textContent = entry.at === 0 ? 'before the first list' : `as of ${new Date(entry.at).toLocaleString()}`;
    draw(
      listsAfter(history, count).map(([id, sources]) => ({ id, verdict: 'alive', load: null, sources, revoking: [] })),
      [],
    );
    return;
  }
  when.textContent = '';
  const { reign, leader } = state;
  if (reign === undefined) {
    tell(leader === null ? 'nobody leads at the moment' : `${leader.id} leads: see ${leader.url}/picture`);
    return;
  }
  const { moves, polls, cost, imbalance, settings, inTransit, frozen } = reign;
  const lists = reign.collectors.map(({ id, verdict, load, list: { sources, revoking } }) => ({
    id,
    verdict,
    load,
    sources,
    revoking,
  }));
  draw(lists, reign.unassigned);
  tell(
    `${leader?.id ?? 'it'} leads, policy ${settings.policy}, by ${settings.mode}: ${reign.sources} sources, ${moves} moves, ` +
      `${inTransit} on their way; imbalance ${imbalance.toFixed(2)}; ${polls} polls, ${cost.reads} reports read, ` +
      `${cost.notifications} notifications${frozen ? '; FROZEN' : ''}`,
  );
}

/** One at a time, for as long as the page is open. */
async function follow() {
  try {
    await refresh();
  } catch (error) {
    tell(`the allocator does not answer: ${error instanceof Error ? error.message : error}`);
  }
  setTimeout(follow, REFRESH_MS);
}

slider.addEventListener('input', () => void refresh().catch(() => undefined));
void follow();
