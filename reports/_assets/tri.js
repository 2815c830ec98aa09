// Headers become buttons that sort lines within their group.
(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`thead button{all:unset;cursor:pointer;padding:.2rem 0}
#tri{position:absolute;clip-path:inset(50%)}
@media screen{thead button::after{content:"\\a0↕"/""}
[aria-sort=ascending] button::after{content:"\\a0↑"/""}[aria-sort=descending] button::after{content:"\\a0↓"/""}}`);
  const said = document.createElement('p');
  said.id = 'tri';
  said.role = 'status';
  const { lang } = document.documentElement;
  const [spoken, thousands, point] = lang === 'en'
    ? [(d) => `Sorted ${d ? 'de' : 'a'}scending, `, ',', '.']
    : [(d) => `Tri ${d ? 'dé' : ''}croissant, `, '\u202f', ','];
  const first = lang === 'en' ? 'Original order' : 'Ordre initial';
  const number = (t) => {
    const found = /^[+−]?\d[\d.,\u202f]*/.exec(t) ?? ['x'];
    return +found[0].replaceAll(thousands, '').replace(point, '.').replace('−', '-');
  };
  const head = (th, column) => {
    const table = th.closest('table');
    const groups = [...table.tBodies].map((b) => [b, [...b.rows].filter((r) => r.cells[1])]);
    const button = document.createElement('button');
    button.append(...th.childNodes);
    th.append(button);
    button.onclick = () => {
      const was = th.ariaSort;
      const way = was ? was === 'ascending' && 'descending' : 'ascending';
      for (const other of th.parentNode.cells) other.ariaSort = null;
      if (way) th.ariaSort = way;
      const compare = (...rows) => {
        const [a, b] = rows.map((row) => row.cells[column].textContent);
        const [x, y] = [a, b].map((t) => column && number(t));
        const last = isNaN(x) - isNaN(y);
        return last || (was ? -1 : 1) * (x - y || a.localeCompare(b, lang, { numeric: true }));
      };
      for (const [body, rows] of groups) body.append(...(way ? [...rows].sort(compare) : rows));
      said.textContent = way ? spoken(was) + button.textContent : first;
    };
  };
  for (const table of document.querySelectorAll('main table')) {
    if ([...table.tBodies].some((b) => b.rows.length > 2)) [...table.tHead.rows[0].cells].forEach(head);
  }
  document.adoptedStyleSheets.push(sheet);
  document.querySelector('main').append(said);
})();
