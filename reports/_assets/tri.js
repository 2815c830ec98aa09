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
  const en = document.documentElement.lang === 'en';
  const number = (t) => parseFloat(t.replace('−', '-').replace(en ? /,/g : /\u202f/g, '').replace(',', '.'));
  const head = (th, column) => {
    const groups = [...th.closest('table').tBodies].map((b) => [b, [...b.rows].filter((r) => r.cells[1])]);
    const button = document.createElement('button');
    button.append(...th.childNodes);
    th.append(button);
    button.onclick = () => {
      const was = th.ariaSort;
      const way = was ? was === 'ascending' && 'descending' : 'ascending';
      for (const cell of th.parentNode.cells) cell.ariaSort = null;
      if (way) th.ariaSort = way;
      const compare = (...rows) => {
        const [a, b] = rows.map((r) => r.cells[column].textContent);
        const [x, y] = [a, b].map((t) => column && number(t));
        return isNaN(x) - isNaN(y)
          || (was ? -1 : 1) * (x - y || a.localeCompare(b, 'fr', { numeric: true }));
      };
      for (const [body, rows] of groups) body.append(...(way ? [...rows].sort(compare) : rows));
      said.textContent = way ? `${en ? `Sorted ${way}` : `Tri ${was ? 'dé' : ''}croissant`}, ${button.textContent}`
        : en ? 'Unsorted' : 'Ordre initial';
    };
  };
  for (const table of document.querySelectorAll('main table')) {
    if ([...table.tBodies].some((b) => b.rows.length > 2)) [...table.tHead.rows[0].cells].forEach(head);
  }
  document.adoptedStyleSheets.push(sheet);
  document.querySelector('main').append(said);
})();
