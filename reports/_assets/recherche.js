// Hides what does not hold every word that is typed; accents and capitals do not count.
(() => {
  const box = document.querySelector('.recherche');
  const field = box && box.querySelector('input');
  const said = box && box.querySelector('[role=status]');
  const items = [...document.querySelectorAll('.var, .liste li')];
  if (!field || !said || !items.length) return;
  const plain = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  const en = document.documentElement.lang === 'en';
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, plain(item.textContent));
    return texts.get(item);
  };
  let timer;
  const search = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let kept = 0;
    for (const item of items) {
      item.hidden = !words.every((word) => textOf(item).includes(word));
      if (!item.hidden) kept += 1;
    }
    for (const group of document.querySelectorAll('.groupe')) {
      group.hidden = !group.querySelector('li:not([hidden])');
    }
    const found = en ? `${kept} of ${items.length} columns found`
      : `${kept} ${kept > 1 ? 'colonnes trouvées' : 'colonne trouvée'} sur ${items.length}`;
    said.textContent = words.length ? found : '';
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  });
  box.hidden = false;
  if (field.value) search();
})();
