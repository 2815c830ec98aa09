'use strict';
// The explorer: pick an indicator, a criterion and a wave; see chart, table and sentence.
// Words and numbers come from the data files (analysis/explorer); this script only places them,
// always as text. Data are scripts that call baroExplorer(), since a page opened from its file
// may not fetch. A page that is not French has its own words, and takes the French numbers.
// The address after # holds what is shown: #survey/indicator/domain/wave/answer.
(() => {
  const ALL = '*'; // all waves, or all answers: no code can be this
  const { el, lowered, dots, trends } = window.baroCharts(
    (...key) => say(...key), (...cell) => brief(...cell));
  const byId = (id) => document.getElementById(id);
  const [root, filter, count, result, said] = ['explorateur', 'filtre', 'compte', 'resultat',
    'annonce'].map(byId);
  const picks = { indicator: byId('indicateur'), domain: byId('domaine'), wave: byId('vague'),
    answer: byId('reponse') };
  const given = new Map(); // "survey/indicator" -> its words and numbers, as they come
  const loaded = new Map(); // the same, once both are there
  let words = {};
  let surveys = [];
  let shown = null; // what the address asks for

  // ---------------------------------------------------------------- small tools
  const plain = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  const fill = (template, values) => template.replace(/\{\{|\{(\w+)\}/g, (all, name) => {
    if (!name) return '{';
    return Object.hasOwn(values, name) ? values[name] : all;
  });
  const say = (key, values = {}) => fill(words[key] || '', values);

  const amount = (text) => Number(text.replace(/[\s\u00a0\u202f]/g, '')
    .replace('\u2212', '-').replace(',', '.'));

  // ---------------------------------------------------------------- the index and the address
  const survey = (id) => surveys.find((s) => s.id === id);
  const indicator = (from, id) => from && from.indicators.find((i) => i.id === id);

  const read = () => {
    let parts = [];
    try {
      parts = location.hash.slice(1).split('/').map(decodeURIComponent);
    } catch { return null; }
    const [s, i, domain = 'ensemble', wave = '', answer = ''] = parts;
    const from = survey(s);
    const found = indicator(from, i);
    return found ? { survey: from, indicator: found, domain, wave, answer } : null;
  };
  const address = (to) => `#${[to.survey.id, to.indicator.id, to.domain, to.wave, to.answer]
    .filter(Boolean).map(encodeURIComponent).join('/')}`;

  // One step back for each choice; for a run of them too, as with the arrow keys in a list.
  let last = [null, 0];
  const go = (to, from) => {
    const hash = address(to);
    const quick = last[0] === from && Date.now() - last[1] < 1000;
    last = [from, Date.now()];
    if (hash === location.hash) return;
    if (quick) location.replace(hash);
    else location.hash = hash;
  };

  const start = (data) => {
    words = data.words;
    surveys = data.surveys.map((s) => ({
      ...s,
      indicators: s.indicators.map(([id, label, theme]) => ({ id, label, theme })),
    }));
    list();
    root.hidden = false;
    follow();
  };

  // ---------------------------------------------------------------- the lists
  const list = () => {
    const asked = plain(filter.value).split(/\s+/).filter(Boolean);
    const kept = (s, i) => {
      const text = plain(`${i.label} ${s.themes[i.theme]} ${s.short}`);
      return asked.every((word) => text.includes(word));
    };
    let [found, every] = [0, 0];
    const groups = surveys.flatMap((s) => s.themes.map((theme, place) => {
      const members = s.indicators.filter((i) => i.theme === place);
      const left = members.filter((i) => kept(s, i));
      every += members.length;
      found += left.length;
      return left.length && el('optgroup', { label: `${s.short}${say('colon')} ${theme}` },
        left.map((i) => el('option', { value: `${s.id}/${i.id}` }, i.label)));
    })).filter(Boolean);
    picks.indicator.replaceChildren(el('option', { value: '' }, say('choose')), ...groups);
    mark();
    count.textContent = asked.length ? say('found', { n: found, all: every }) : '';
  };

  const mark = () => {
    picks.indicator.value = shown ? keyOf(shown) : '';
    if (picks.indicator.selectedIndex < 0) picks.indicator.value = '';
  };
  const options = (select, pairs, value) => {
    select.replaceChildren(...pairs.map(([code, label]) => el('option', { value: code }, label)));
    select.value = value;
    select.disabled = !shown;
  };

  // ---------------------------------------------------------------- data
  const OWN = 'donnees/';
  const load = (key) => {
    if (document.querySelector(`script[data-key="${key}"]`)) return;
    const path = key.split('/').map(encodeURIComponent).join('/');
    const scripts = [...new Set([OWN, say('donnees')])].map((folder) => el('script', {
      src: `${folder}explorer/${path}.js`, 'data-key': key }));
    for (const script of scripts) {
      script.addEventListener('error', () => {
        scripts.forEach((each) => each.remove());
        if (shown && keyOf(shown) === key) fail('failed');
      });
    }
    document.head.append(...scripts);
  };
  const keyOf = (to) => `${to.survey.id}/${to.indicator.id}`;

  const local = (text) => text.replace(/[,\u202f]/g,
    (sign) => say(sign === ',' ? 'decimal' : 'thousands'));
  const row = (text) => {
    if (!text) return null;
    const [brief, long, low, high, n, status, sentence] = text.split('|');
    const [briefly, wholly, least, most, many] = [brief, long, low, high, n].map(local);
    return { brief: briefly, long: wholly, low: least, high: most, n: many, status,
      sentence: sentence === '' ? -1 : Number(sentence), value: brief === '' ? null : amount(long),
      from: low === '' ? null : amount(low), to: high === '' ? null : amount(high) };
  };
  const unpacked = (data) => {
    const blocks = new Map(data.blocks.map(([d, w, a, lowest, highest, rows]) => (
      [`${d}/${w}/${a}`, { d, w, a, lowest, highest, rows: rows.split(';').map(row) }])));
    return { ...data, blocks };
  };

  window.baroExplorer = (key, data) => {
    if (key === 'index') {
      start(data);
      return;
    }
    const parts = given.get(key) ?? {};
    given.set(key, parts);
    if (data.blocks) parts.numbers = data;
    if (!data.blocks || say('donnees') === OWN) parts.words = data;
    if (!parts.numbers || !parts.words) return;
    loaded.set(key, unpacked({ ...parts.numbers, ...parts.words }));
    if (shown && keyOf(shown) === key) follow();
  };

  // ---------------------------------------------------------------- from the address to the page
  // Said anew even where the words are those of before; a result speaks for itself to the eye.
  const tell = (place, text) => {
    place.textContent = '';
    setTimeout(() => { place.textContent = text; }, 60);
  };
  const announce = (text, quiet = false) => {
    said.classList.toggle('lu', quiet);
    tell(said, text);
  };
  const fail = (key) => {
    result.hidden = true;
    root.classList.remove('plein');
    announce(say(key));
  };

  const follow = () => {
    if (!surveys.length) return;
    shown = read();
    mark();
    if (!shown) {
      options(picks.domain, [['', '–']], '');
      options(picks.wave, [['', '–']], '');
      picks.answer.parentElement.hidden = true;
      fail(location.hash.length > 1 ? 'unknown' : '');
      return;
    }
    const data = loaded.get(keyOf(shown));
    if (data) display({ ...shown, indicator: { ...shown.indicator, ...data } }, data);
    else {
      announce(say('loading'));
      load(keyOf(shown));
    }
  };

  // What is asked for where it exists, else the nearest: the domain first, then the wave.
  const settle = (asked, data) => {
    const { survey: from, indicator: what } = asked;
    const blocks = [...data.blocks.values()];
    const places = [...new Set(blocks.map((b) => b.d))].sort((a, b) => a - b);
    const domain = Math.max(places.find((d) => from.domains[d][0] === asked.domain) ?? 0, 0);
    const waves = [...new Set(blocks.filter((b) => b.d === domain).map((b) => b.w))]
      .sort((a, b) => a - b);
    const wanted = waves.find((w) => from.waves[w] === asked.wave);
    const wave = asked.wave === ALL && waves.length > 1 ? ALL : wanted ?? waves.at(-1);
    const codes = what.answers.map(([code]) => code);
    const single = wave === ALL && domain > 0;
    const first = single ? 0 : ALL;
    let answer = 0;
    if (codes.length) answer = codes.includes(asked.answer) ? codes.indexOf(asked.answer) : first;
    return { domain, wave, answer, places, waves, single };
  };

  const display = (asked, data) => {
    const { survey: from, indicator: what } = asked;
    const at = settle(asked, data);
    const code = (list_, place) => (place === ALL ? ALL : list_[place]);
    options(picks.domain, at.places.map((d) => from.domains[d]), from.domains[at.domain][0]);
    const several = at.waves.length > 1 ? [[ALL, say('all_waves')]] : [];
    options(picks.wave, [...several, ...at.waves.map((w) => [from.waves[w], from.waves[w]])
      .reverse()], code(from.waves, at.wave));
    picks.answer.parentElement.hidden = !what.answers.length;
    const every = at.single ? [] : [[ALL, say('all_answers')]];
    options(picks.answer, [...every, ...what.answers],
      code(what.answers.map(([c]) => c), at.answer));
    shown = { ...asked, domain: picks.domain.value, wave: picks.wave.value,
      answer: what.answers.length ? picks.answer.value : '' };
    const view = figure(from, what, at, data);
    page(view);
    const changed = ['domain', 'wave', 'answer'].some((k) => asked[k] && asked[k] !== shown[k]);
    announce((changed ? `${say('instead')} ` : '')
      + say('displayed', { title: view.title, n: view.lines }), !changed);
  };

  // ---------------------------------------------------------------- what a choice shows
  const origins = (from, waves) => from.origins.filter((o) => o.waves.some((w) => waves.includes(w)));
  const about = (what, wave) => what.about.filter(([first]) => first <= wave).at(-1)
    || what.about[0];

  // Groups of cells, each with its name: by answer or by group, in one wave or in all.
  const figure = (from, what, at, data) => {
    const levels = from.domains[at.domain][2].map(([, label]) => label);
    const answers = at.answer === ALL ? what.answers.map((_, a) => a) : [at.answer];
    const waves = at.wave === ALL ? at.waves : [at.wave];
    const block = (d, w, a) => data.blocks.get(`${d}/${w}/${a}`);
    const cell = (d, w, a, g) => {
      const found = block(d, w, a)?.rows[g];
      return found && { ...found, at: `${d}/${w}/${a}/${g}`, wave: from.waves[w], place: w, group: from.domains[d][2][g][1] };
    };
    const answered = what.answers.length && at.answer !== ALL ? what.answers[at.answer][1] : '';
    const label = answered ? say('answered', { label: what.label, answer: answered }) : what.label;
    const base = at.domain ? say('title_by', { label, domain: lowered(from.domains[at.domain][1]) })
      : label;
    const view = { from, what, at, data, title: base, unit: what.unit, percent: what.percent,
      trend: at.wave === ALL, name: base, notes: [], origins: origins(from, waves) };
    view.stamp = view.origins.map((o) => o.stamp).join('');
    view.groups = answers.flatMap((a) => {
      const named = at.answer === ALL ? what.answers[a][1] : '';
      if (!view.trend) {
        const whole = at.domain ? cell(0, waves[0], a, 0) : null;
        const cells = levels.map((g, place) => [g, cell(at.domain, waves[0], a, place)]);
        return [{ name: named, whole, cells: cells.filter(([, c]) => c) }];
      }
      return levels.map((g, place) => ({ name: at.domain ? g : named,
        cells: waves.map((w) => [from.waves[w], cell(at.domain, w, a, place)]).filter(([, c]) => c) }));
    }).filter((g) => g.cells.length);
    if (at.answer === ALL && !at.domain && !view.trend) { // the answers themselves are the rows
      view.groups = [{ name: '', cells: view.groups.map((g) => [g.name, g.cells[0][1]]) }];
      view.notes.push(say('neutral'));
    }
    if (at.domain && !view.trend && at.answer !== ALL) compare(view, block(at.domain, waves[0], at.answer));
    if (view.trend && !at.domain && at.answer !== ALL && data.changes[at.answer]) {
      view.title = say('found_change', { title: base, change: data.changes[at.answer] });
    }
    const [, subtitle, scope] = about(what, waves.at(-1));
    const values = { label: what.label, wave: from.waves[waves.at(-1)] };
    view.subtitle = (view.trend ? data.measure : fill(subtitle, values) + view.stamp);
    view.champs = view.trend ? data.notes : [fill(scope, values)];
    view.source = view.trend ? data.source : fill(view.origins[0].source, values);
    view.rows = tableRows(view);
    view.lines = view.rows.reduce((n, g) => n + g.cells.length, 0);
    return view;
  };

  // The title states the widest difference where it was tested and found significant.
  const compare = (view, found) => {
    if (found.lowest === -2) view.notes.push(say('untested'));
    else if (found.lowest < 0) view.notes.push(say('alike'));
    else {
      const ends = [found.rows[found.lowest], found.rows[found.highest]];
      const levels = view.from.domains[view.at.domain][2];
      view.title = say('found_gap', { title: view.title,
        low: ends[0].brief + (view.percent ? view.unit : ''), high: ends[1].brief + view.unit,
        lowest: levels[found.lowest][1], highest: levels[found.highest][1] });
      view.notes.push(say('differ'));
    }
  };

  const brief = (view, c) => (c.brief === '' ? say('hidden') : c.brief + (view.percent ? view.unit : ''));
  const sentence = (view, c) => (c.sentence < 0 ? say('no_sentence')
    : fill(view.data.apart?.[c.at] ?? view.data.sentences[c.sentence],
      { group: c.group, value: c.brief + view.unit, low: c.low, high: c.high, wave: c.wave }));

  // ---------------------------------------------------------------- table, sentence, buttons
  // In one wave the whole population stands first, as it is a line in the chart.
  const tableRows = (view) => view.groups.map((g) => ({ name: g.name,
    cells: g.whole ? [[g.whole.group, g.whole], ...g.cells] : g.cells }));

  const table = (view) => {
    let first = view.at.answer === ALL && !view.at.domain ? 'answer' : 'group';
    if (view.trend) first = 'wave';
    const remarks = view.rows.some((g) => g.cells.some(([, c]) => c.status));
    const head = [first, 'value', 'interval', 'n', ...(remarks ? ['remark'] : [])];
    const body = view.rows.map((g) => el('tbody', {},
      view.rows.length > 1
        ? el('tr', {}, el('th', { scope: 'rowgroup', colspan: head.length }, g.name)) : null,
      g.cells.map(([name, c]) => el('tr', {}, el('th', { scope: 'row' }, name),
        el('td', {}, c.brief === '' ? say('hidden') : c.long + view.unit),
        el('td', {}, c.low === '' ? '–' : say('between', c)),
        el('td', {}, c.n), remarks ? el('td', {}, say(`status_${c.status}`)) : null))));
    return el('div', { class: 'scroll', role: 'group', tabindex: 0, 'aria-label': say('table') },
      el('table', {}, el('caption', {}, view.subtitle), el('thead', {}, el('tr', {},
        head.map((key) => el('th', { scope: 'col' }, say(key))))), body));
  };

  // What a sentence is about at first: the highest value, of the latest wave where there are several.
  const foremost = (view, cells) => {
    const latest = Math.max(...cells.map(([, c]) => c.place));
    const [best] = cells.filter(([, c]) => c.value !== null && (!view.trend || c.place === latest))
      .sort((a, b) => b[1].value - a[1].value);
    return Math.max(0, cells.indexOf(best));
  };

  const quoted = (view) => {
    const cells = view.rows.flatMap((g) => g.cells.map(([name, c]) => [g.name
      ? `${g.name}, ${lowered(name)}` : name, c]));
    const choice = el('select', { id: 'phrase' }, cells.map(([name], i) => (
      el('option', { value: i }, name))));
    choice.value = foremost(view, cells);
    const text = el('p', { class: 'phrase' });
    const write = () => { text.textContent = sentence(view, cells[choice.value][1]); };
    choice.addEventListener('change', write);
    write();
    const link = el('a', { href: location.pathname.split('/').pop() + address(shown) }, say('permalink'));
    const done = el('span', { role: 'status' });
    const copy = (key, content, shownAs) => {
      const made = el('button', { type: 'button', class: 'bouton' }, say(`copy_${key}`));
      made.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(content());
          tell(done, say(`copied_${key}`));
        } catch {
          if (shownAs === link) link.textContent = link.href;
          getSelection().selectAllChildren(shownAs);
          tell(done, say('not_copied'));
        }
      });
      return made;
    };
    return el('div', { class: 'citer' },
      cells.length > 1 ? el('p', { class: 'pour' }, el('label', { for: 'phrase' },
        say('sentence_about')), ' ', choice) : null, text, el('p', { class: 'gestes' },
        copy('sentence', () => [text.textContent, ...view.champs, view.source].join(' '), text),
        copy('link', () => link.href, link), link, done),
      el('small', {}, say('copied_with')));
  };

  const strong = (text) => {
    const colon = `${say('colon')} `;
    const [head, ...rest] = text.split(colon);
    return rest.length ? el('p', {}, el('b', {}, head + say('colon')), ` ${rest.join(colon)}`)
      : el('p', {}, text);
  };

  const page = (view) => {
    const notices = view.origins.flatMap((o) => o.notices).map(([title, warning]) => (
      el('p', { class: 'demo', role: 'note' }, el('strong', {}, `${title}.`), ` ${warning}`)));
    const notes = [...view.notes, ...view.champs, view.data.note, view.source].filter(Boolean);
    result.replaceChildren(...notices, el('h2', { id: 'titre' }, view.title),
      el('figure', { 'aria-labelledby': 'titre' }, el('div', { class: view.trend ? 'large' : 'graphique' },
        el('p', { class: 'sous' }, view.subtitle), el('div', {}, view.trend ? trends(view) : dots(view)),
        el('div', { class: 'notes' }, notes.map(strong)))),
      quoted(view), table(view), el('p', { class: 'liens' }, el('a', {
        href: `${say('donnees')}${encodeURIComponent(view.what.id)}.csv`, download: true,
      }, say('csv', { size: view.data.size }))));
    result.setAttribute('aria-labelledby', 'titre');
    result.hidden = false;
    root.classList.add('plein');
    document.title = `${view.title} | Baromètre`;
  };

  // ---------------------------------------------------------------- what the reader does
  let pause;
  filter.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(list, 150);
  });
  picks.indicator.addEventListener('change', () => {
    const [s, i] = picks.indicator.value.split('/');
    const from = survey(s);
    const what = indicator(from, i);
    if (!what) return;
    const same = shown && shown.survey === from;
    go({ survey: from, indicator: what, domain: same ? shown.domain : 'ensemble' }, picks.indicator);
  });
  for (const part of ['domain', 'wave', 'answer']) {
    picks[part].addEventListener('change', () => {
      if (shown) go({ ...shown, [part]: picks[part].value }, picks[part]);
    });
  }
  window.addEventListener('hashchange', follow);
  matchMedia('(min-width: 38.01rem)').addEventListener('change', follow);
})();
