// Offers an interactive version under each figure; nothing more is loaded before a click. Then the
// library, once for the site, and the data of that figure: scripts, since a page that was opened
// from a file may not fetch.
(() => {
  const folder = '_assets/vendor/plotly/plotly';
  const words = document.documentElement.lang === 'en'
    ? ['Interactive version', 'Static version', 'Loading…', 'Failed, try again']
    : ['Version interactive', 'Version fixe', 'Chargement…', 'Échec, réessayer'];
  const given = new Map();
  window.figureInteractive = (figure) => given.set(document.currentScript, figure);
  const add = (name, fields) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(name), fields);
    element.onload = () => done(element);
    element.onerror = failed;
    document.head.append(element);
  });
  const script = (src) => add('script', { src });
  let library;
  // plotly makes no style element, which the policy would refuse, where this sheet stands
  const load = () => add('link', { rel: 'stylesheet', href: `${folder}.css`,
    id: 'plotly.js-style-global', className: 'no-inline-styles' })
    .then(() => script(`${folder}-basic.min.js`))
    .then(() => script('_assets/figures-plotly.js'));
  const draw = async (place) => {
    library ||= load();
    const [data] = await Promise.all([script(place.dataset.interactif), library]);
    const box = Object.assign(document.createElement('div'), { className: 'vive' });
    const height = Math.max(360, place.offsetHeight);
    place.append(box);
    place.classList.add('vif');
    await window.figureInteractive.draw(box, given.get(data), height);
  };
  const undo = (place) => {
    library = null;
    place.classList.remove('vif');
    place.querySelector('.vive')?.remove();
    return 3;
  };
  for (const place of document.querySelectorAll('[data-interactif]')) {
    const figure = place.closest('figure');
    const button = document.createElement('button');
    const title = figure.querySelector('figcaption').textContent.trim();
    let busy = false;
    const say = (n) => {
      button.textContent = words[n];
      button.ariaLabel = `${words[n]} – ${title}`;
    };
    const toggle = async () => {
      if (place.querySelector('.vive')) return place.classList.toggle('vif') ? 1 : 0;
      say(2);
      return draw(place).then(() => 1, () => undo(place));
    };
    button.type = 'button';
    button.onclick = async () => {
      if (busy) return;
      busy = true;
      say(await toggle());
      busy = false;
    };
    say(0);
    figure.querySelector('.outils').prepend(button);
  }
})();
