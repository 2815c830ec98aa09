// Filters the cards by verdict, speaker and theme; gives each a button that copies its sentence.
(() => {
  const box = document.querySelector('.filtres');
  const cards = [...document.querySelectorAll('.fiche')];
  if (!box || !cards.length) return;
  const said = box.querySelector('[role=status]');
  const words = document.documentElement.lang === 'en'
    ? {
      kept: (n, all) => `${n} claim${n === 1 ? '' : 's'} of ${all}`,
      copy: 'Copy the quote',
      copied: 'Quote copied',
      done: (id) => `Quote ${id} copied`,
      failed: 'Cannot copy',
      cannot: 'This browser cannot copy',
    }
    : {
      kept: (n, all) => `${n} affirmation${n > 1 ? 's' : ''} sur ${all}`,
      copy: 'Copier la citation',
      copied: 'Citation copiée',
      done: (id) => `Citation ${id} copiée`,
      failed: 'Copie impossible',
      cannot: 'Copie impossible dans ce navigateur',
    };
  const fields = [...box.querySelectorAll('select')];
  const filter = () => {
    let kept = 0;
    for (const card of cards) {
      card.hidden = !fields.every((f) => !f.value || card.dataset[f.name] === f.value);
      if (!card.hidden) kept += 1;
    }
    for (const group of document.querySelectorAll('.groupe')) {
      group.hidden = !group.querySelector('.fiche:not([hidden])');
    }
    said.textContent = kept === cards.length ? '' : words.kept(kept, cards.length);
  };
  const reveal = () => {
    const card = cards.find((c) => `#${c.id}` === window.location.hash);
    if (!card || !card.hidden) return;
    for (const f of fields) f.value = '';
    filter();
    card.scrollIntoView();
  };
  const copied = async (words) => {
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch {
      const area = document.createElement('textarea');
      area.value = words;
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  };
  for (const card of cards) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words.copy;
    button.setAttribute('aria-label', `${words.copy}, ${card.id}`);
    button.addEventListener('click', async () => {
      const done = await copied(card.querySelector('.constat').textContent);
      said.textContent = done ? words.done(card.id) : words.cannot;
      button.textContent = done ? words.copied : words.failed;
      setTimeout(() => { button.textContent = words.copy; }, 2500);
    });
    card.lastElementChild.append(button);
  }
  for (const f of fields) f.addEventListener('change', filter);
  window.addEventListener('hashchange', reveal);
  box.hidden = false;
  filter();
  reveal();
})();
