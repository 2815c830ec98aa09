// Loaded after plotly: French, and the colours and type of the page.
Plotly.register({
  moduleType: 'locale',
  name: 'fr',
  dictionary: {
    'Double-click to zoom back out': 'Double-cliquer pour revenir à la vue d’ensemble',
    'Download plot': 'Télécharger l’image (SVG)',
    'Image download succeeded': 'Image téléchargée',
    Pan: 'Déplacer',
    'Preparing image - this may take a few seconds': 'Préparation de l’image…',
    'Reset axes': 'Revenir à la vue d’ensemble',
    'Sorry, there was a problem downloading your image!': 'L’image n’a pas pu être téléchargée.',
    Zoom: 'Zoomer sur une zone',
    'Zoom in': 'Agrandir',
    'Zoom out': 'Réduire',
  },
  format: { decimal: ',', thousands: '\u202f' },
});

window.figureInteractive.draw = (box, given, height) => {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  // the colours of analysis/charts/interactive.py as the theme of the reader has them
  const colours = { '#0a5f5a': '--a', '#5a4a9c': '--c', '#a53d0b': '--b', '#6b5500': '--d' };
  const { data, layout, config } = JSON.parse(JSON.stringify(given)
    .replace(/#[0-9a-f]{6}/g, (c) => (colours[c] ? of(colours[c]) : c)));
  const clear = 'rgba(0,0,0,0)';
  for (const axis of ['xaxis', 'yaxis']) {
    layout[axis] = { automargin: true, gridcolor: of('--line'), ...layout[axis] };
  }
  if (box.clientWidth < 480) {
    const cut = (text) => text.replace(/(.{12,}?) /g, '$1<br>');
    for (const trace of data.filter(({ y }) => Array.isArray(y[0]) || typeof y[0] === 'string')) {
      const [groups, names] = Array.isArray(trace.y[0]) ? trace.y : [[], trace.y];
      const alone = new Set(names).size === names.length;
      trace.y = names.map((name, i) => cut(alone ? name : `${name}, ${groups[i]}`));
    }
    for (const { marker } of data) if (marker?.size === 64) marker.size = 50;
  }
  delete layout.title; // the caption of the figure says it
  Object.assign(layout, {
    height,
    paper_bgcolor: clear,
    plot_bgcolor: clear,
    margin: { l: 8, r: 28, t: 48, b: 24 },
    font: { color: of('--ink'), size: 13, family: of('--sans') },
    hoverlabel: { bgcolor: of('--paper'), bordercolor: of('--ink'), font: { color: of('--ink') } },
    modebar: { bgcolor: clear, color: of('--soft'), activecolor: of('--ink') },
  });
  return Plotly.newPlot(box, data, layout, config);
};
