'use strict';
// The charts of the explorer, in the form of those that analysis/charts draws for the other pages:
// rows of HTML with strips of SVG, and lines over the waves. Given say() and brief(), which give
// words and printed values, it returns what makes elements and what draws a view of explorer.js.
window.baroCharts = (say, brief) => {
  const SVG = 'http://www.w3.org/2000/svg';
  const [HEIGHT, SMALL, BOTTOM] = [290, 150, 24];
  const wide = matchMedia('(min-width: 38.01rem)');
  const lowered = (text) => (/^.\p{Lu}/u.test(text) ? text : text[0].toLowerCase() + text.slice(1));

  const build = (node, attributes, children) => {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? '' : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== ''));
    return node;
  };
  const el = (tag, attributes = {}, ...children) => (
    build(document.createElement(tag), attributes, children));
  const svg = (tag, attributes = {}, ...children) => (
    build(document.createElementNS(SVG, tag), attributes, children));
  const pct = (share) => `${Math.round(1000 * share) / 10}%`;

  const ticks = (top, most = 4) => {
    const raw = top / most;
    const scale = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((m) => m * scale).find((m) => m >= raw * 0.999);
    return Array.from({ length: Math.ceil((top / step) * 0.999) + 1 }, (_, i) => i * step);
  };
  const axis = (view, spread) => {
    const values = view.groups.flatMap((g) => g.cells.map(([, c]) => c.to ?? c.value ?? 0))
      .concat(view.groups.map((g) => g.whole?.value ?? 0));
    const top = Math.max(...values, 0) * spread || 1;
    return ticks(view.percent ? Math.min(top, 100) : top);
  };
  const tickText = (view, tick, end) => {
    const [whole, ...part] = String(Math.round(tick * 100) / 100).split('.');
    return [whole.replace(/\B(?=(\d{3})+$)/g, say('thousands')), ...part].join(say('decimal'))
      + (end && view.percent ? say('percent') : '');
  };

  const image = (kind, view, ...children) => el('div', { class: kind, role: 'img',
    'aria-labelledby': 'image-t', 'aria-describedby': 'image-d' },
  svg('svg', { class: 'lu' }, svg('title', { id: 'image-t' }, view.name + view.stamp),
    svg('desc', { id: 'image-d' }, describe(view))), children);

  const ends = (view, g) => {
    const known = g.cells.filter(([, c]) => c.value !== null);
    const name = g.name ? `${g.name}${say('colon')} ` : '';
    if (!known.length) return say('none', { name });
    if (!view.trend) known.sort((a, b) => a[1].value - b[1].value);
    const [[lowest, low], [highest, high]] = [known[0], known.at(-1)];
    return say(known.length > 1 ? 'ends' : 'point', { name, low: brief(view, low), lowest,
      high: brief(view, high), highest });
  };
  const describe = (view) => [...view.groups.map((g) => ends(view, g)), say('in_table')].join(' ');

  const dots = (view) => {
    const scale = axis(view, 1.08);
    const top = scale.at(-1);
    const x = (value) => pct(value / top);
    const panels = view.groups.map((g) => {
      const { whole } = g;
      const behind = svg('svg', { class: 'fond' },
        svg('g', { class: 'g' }, scale.map((t) => svg('line', { x1: x(t), x2: x(t), y2: '100%' }))),
        whole?.value != null ? svg('line', { class: 'ref', x1: x(whole.value), x2: x(whole.value),
          y1: -13, y2: '100%' }) : null);
      const right = whole?.value > top / 2;
      const label = whole?.value != null ? svg('svg', {}, svg('text', { x: x(whole.value),
        class: right && 'e', dx: right ? -6 : 6 }, say('reference', { value: brief(view, whole) }))) : null;
      const head = g.name || label ? el('p', { class: 'h' }, el('span', {}, g.name), label) : null;
      const names = svg('svg', {}, scale.map((t, i) => svg('text', { x: x(t),
        class: i && (i === scale.length - 1 ? 'e' : 'm') }, tickText(view, t, i === scale.length - 1))));
      return el('div', { class: 'panel' }, head,
        el('div', { class: 'lignes' }, behind, g.cells.map(([name, c]) => line(view, name, c, x))),
        el('p', { class: 'axe' }, names));
    });
    return image('panels dots', view, panels);
  };

  const line = (view, name, c, x) => {
    if (c.value === null) return el('p', {}, el('span', {}, name), el('i', {}, brief(view, c)));
    const fragile = c.status === 'U' ? [' ', el('small', {}, say('fragile'))] : [];
    return el('p', {}, el('span', {}, name, fragile), el('b', {}, brief(view, c)), svg('svg', {},
      c.from === null ? null : svg('line', { x1: x(c.from), x2: x(c.to) }),
      svg('circle', { class: c.status === 'U' && 'u', cx: x(c.value), r: 5 })));
  };

  // A line over the waves, cut where they cannot be compared.
  const trend = (view, g, height, scale) => {
    const { from, what, at } = view;
    const big = height === HEIGHT;
    const roomy = big && wide.matches;
    const edge = roomy ? 92 : 80; // what is left holds the value at the end of the line
    const gutter = roomy ? 0.08 : 0.16; // where the names of the ticks stand
    const waves = at.waves.map((w) => from.waves[w]);
    const dated = waves.every((w) => /^\d+$/.test(w));
    const span = dated ? Math.max(1, waves.at(-1) - waves[0]) : Math.max(1, waves.length - 1);
    const since = (w) => (dated ? from.waves[w] - waves[0] : at.waves.indexOf(w));
    const x = (w) => gutter + (1 - gutter) * (since(w) / span);
    const cuts = what.breaks.filter(([w]) => w > at.waves[0] && w <= at.waves.at(-1));
    const above = 14 + 20 * (big ? Math.max(1, cuts.length) : 0);
    const y = (value) => above + height * (1 - value / scale.at(-1));
    const whole = above + height + BOTTOM;
    const known = new Map(g.cells.filter(([, c]) => c.value !== null).map(([, c]) => [c.place, c]));
    const runs = what.segments.map((run) => run.filter((w) => known.has(w))).filter((r) => r.length);
    const alone = (run) => run.length === 1 && what.alone.includes(run[0]);
    const point = (w, value) => `${Math.round(1000 * x(w))} ${Math.round(10 * y(value)) / 10}`;
    const paths = runs.filter((run) => run.length > 1).map((run) => {
      const sure = run.filter((w) => known.get(w).from !== null);
      const band = sure.length > 1 ? svg('path', { class: 'bd', d: `M${[
        ...sure.map((w) => point(w, known.get(w).to)),
        ...sure.reverse().map((w) => point(w, known.get(w).from))].join('L')}Z` }) : null;
      return [band, svg('path', { class: 'ln',
        d: `M${run.map((w) => point(w, known.get(w).value)).join('L')}` })];
    });
    const marks = runs.flatMap((run) => [...new Set([run[0], run.at(-1)])].map((w) => {
      const c = known.get(w);
      const bar = c.from === null ? null : svg('g', { class: 'iv' },
        svg('line', { x1: pct(x(w)), x2: pct(x(w)), y1: y(c.from), y2: y(c.to) }));
      return [bar, svg('circle', { class: (alone(run) || c.status === 'U') && 'u', cx: pct(x(w)),
        cy: y(c.value), r: 5 })];
    }));
    const grid = scale.map((t, i) => [svg('line', { class: 'g', x2: '100%', y1: y(t), y2: y(t) }),
      big || !i || i === scale.length - 1
        ? svg('text', { class: 's', y: y(t) - 4 }, tickText(view, t, i === scale.length - 1)) : null]);
    const step = big ? 0.17 : 0.36;
    const named = [...at.waves].reverse().reduce((out, w) => (
      !out.length || x(out.at(-1)) - x(w) >= step ? [...out, w] : out), []);
    const dates = named.map((w) => svg('text', { class: 's m', x: pct(x(w)), y: whole - 5 }, from.waves[w]));
    const ruptures = cuts.map(([w, reason], i) => {
      const before = at.waves.filter((v) => v < w).at(-1);
      const middle = (x(before) + x(w)) / 2;
      const top = big ? 13 + 20 * i : above;
      const right = middle > 0.5;
      return [svg('line', { class: 'cut', x1: pct(middle), x2: pct(middle), y1: top - 10,
        y2: above + height }), big ? svg('text', { class: right ? 'b e' : 'b', x: pct(middle), y: top,
        dx: right ? -6 : 6 }, say('cut', { wave: from.waves[w] }), reason
        ? svg('tspan', { class: 'nm' }, `${say('colon')} ${lowered(reason)}`) : null) : null];
    });
    const end = known.get([...known.keys()].sort((a, b) => a - b).at(-1));
    return svg('svg', { class: 'trend', width: '100%', height: whole },
      svg('svg', { width: `${edge}%`, height: whole }, grid, dates, ruptures.flat(),
        svg('svg', { viewBox: `0 0 1000 ${whole}`, width: '100%', height: whole,
          preserveAspectRatio: 'none' }, svg('g', { class: 'c1' }, paths.flat())),
        svg('g', { class: 'c1' }, marks.flat())),
      svg('svg', { x: `${edge + 2}%`, height: whole }, end
        ? svg('text', { class: 'c1', y: y(end.value) + 4.5 },
          svg('tspan', { class: 'v' }, brief(view, end))) : null));
  };

  const trends = (view) => {
    const scale = axis(view, 1);
    const one = view.groups.length === 1;
    const drawn = view.groups.map((g) => {
      const any = g.cells.some(([, c]) => c.value !== null);
      return el('div', {}, g.name ? el('p', { class: 'nom-serie' }, g.name) : null,
        any ? trend(view, g, one ? HEIGHT : SMALL, scale) : el('p', {}, say('hidden')));
    });
    return image(one ? 'serie' : 'serie series', view, drawn);
  };

  return { el, lowered, dots, trends };
};
