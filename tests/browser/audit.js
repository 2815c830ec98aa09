// Run in a page: what a reader could stumble over, as lists of complaints.
const [LEAST_TEXT, LEAST_MARK, LEAST_TYPE] = [4.5, 3, 12];

const parse = (colour) => {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
};
const luminance = (rgb) => rgb
  .map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const { rgb, alpha } = parse(getComputedStyle(e).backgroundColor);
    if (alpha === 1) return rgb;
  }
  return [255, 255, 255];
};
const shown = (e) => {
  const box = e.getBoundingClientRect();
  const style = getComputedStyle(e);
  return style.display !== 'none' && style.visibility === 'visible' && box.width + box.height > 0;
};
const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
const name = (e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class') || ''}"> `
  + e.textContent.trim().slice(0, 40);

for (const details of document.querySelectorAll('details')) details.open = true;

const texts = [...document.body.querySelectorAll('*')].filter((e) => own(e) && shown(e)
  && !['TITLE', 'DESC'].includes(e.tagName.toUpperCase()));
const inSvg = (e) => e instanceof SVGElement;
const ink = (e) => parse(getComputedStyle(e)[inSvg(e) ? 'fill' : 'color']).rgb;

const faint = texts
  .map((e) => [contrast(ink(e), behind(e)), e])
  .filter(([ratio]) => ratio < LEAST_TEXT)
  .map(([ratio, e]) => `${ratio.toFixed(2)} ${name(e)}`);

const marks = [...document.querySelectorAll('svg circle, svg .mk, svg .ln, svg .pt')].filter(shown);
const pale = marks
  .map((e) => {
    const style = getComputedStyle(e);
    const filled = style.fill !== 'none' && e.tagName !== 'line' && !e.classList.contains('u');
    return [contrast(parse(filled ? style.fill : style.stroke).rgb, behind(e)), e];
  })
  .filter(([ratio]) => ratio < LEAST_MARK)
  .map(([ratio, e]) => `${ratio.toFixed(2)} ${name(e)}`);

const small = texts
  .map((e) => [parseFloat(getComputedStyle(e).fontSize), e])
  .filter(([size]) => size < LEAST_TYPE)
  .map(([size, e]) => `${size} ${name(e)}`);

const width = document.documentElement.clientWidth;
const outside = [...document.querySelectorAll('svg text')]
  .filter(shown)
  .map((e) => [e.getBoundingClientRect(), e])
  .filter(([box]) => box.left < -1 || box.right > width + 1)
  .map(([box, e]) => `${Math.round(box.left)}..${Math.round(box.right)} ${name(e)}`);

const ends = [...document.querySelectorAll('.ends')].map((svg) => [...svg.querySelectorAll('text')]
  .filter(shown).map((t) => t.getBoundingClientRect()).sort((a, b) => a.top - b.top));
const collisions = ends.flatMap((boxes) => boxes.slice(1)
  .filter((box, i) => box.top < boxes[i].bottom - 4).map((box) => `label at ${box.top}`));

// Charts of dots: no text in a panel is crossed by its reference line or by another text, and
// lines, strips and the names of ticks share one scale.
const touch = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
  && a.top < b.bottom - 1 && b.top < a.bottom - 1;
const words = (e) => {
  if (inSvg(e)) return e.getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(e);
  return range.getBoundingClientRect();
};
const panels = [...document.querySelectorAll('.panel')];
const crossed = panels.flatMap((panel) => {
  const said = [...panel.querySelectorAll('span,b,i,text')].filter((e) => shown(e) && own(e));
  const marks = [...panel.querySelectorAll('p circle, p line')].filter(shown);
  const values = [...panel.querySelectorAll('b,text')].filter(shown);
  // the line of the whole population is a shadow copy: its place is that of its label's text
  const label = panel.querySelector('.h text');
  const fond = panel.querySelector('.fond').getBoundingClientRect();
  const x = label ? fond.left + fond.width * parseFloat(label.getAttribute('x')) / 100 : -9;
  const line = { left: x - 1.5, right: x + 1.5, top: fond.top - 12, bottom: fond.bottom };
  const masked = (e) => e.tagName === 'B' && getComputedStyle(e).backgroundColor
    === getComputedStyle(document.body).backgroundColor;
  return [
    ...said.flatMap((e, i) => said.slice(i + 1).filter((f) => touch(words(e), words(f)))
      .map((f) => `${name(e)} and ${name(f)}`)),
    ...said.flatMap((e) => marks.filter((m) => touch(words(e), m.getBoundingClientRect()))
      .map(() => `${name(e)} and a mark`)),
    ...values.filter((e) => touch(words(e), line) && !masked(e))
      .map((e) => `${name(e)} and the line`),
  ];
});
const askew = panels.flatMap((panel) => {
  const edges = [...panel.querySelectorAll('.fond, p > svg')].filter(shown)
    .map((e) => e.getBoundingClientRect());
  return edges.filter((e) => Math.abs(e.left - edges[0].left) > 0.6
    || Math.abs(e.right - edges[0].right) > 0.6).map((e) => `${e.left}..${e.right}`);
});

// Maps of squares: what is printed in a square stays in it, and squares of a row are alike.
const squares = [...document.querySelectorAll('.tuiles p b')].filter(shown);
const spilled = squares
  .filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)
  .map((e) => `${e.scrollWidth} x ${e.scrollHeight} ${name(e)}`);
const uneven = [...document.querySelectorAll('.tuiles p')].filter((row) => {
  const widths = [...row.children].map((e) => e.getBoundingClientRect().width);
  return Math.max(...widths) - Math.min(...widths) > 0.6;
}).map(name);

const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]));
const jumps = levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1);
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);

return {
  faint, pale, small, outside, collisions, crossed, askew, spilled, uneven, jumps, levels,
  squares: squares.length,
  panels: panels.length,
  twice: ids.filter((id, i) => ids.indexOf(id) !== i),
  dangling: [...document.querySelectorAll('a[href^="#"],[aria-labelledby],[aria-describedby]')]
    .flatMap((e) => (e.getAttribute('href') || '').slice(1).split(' ')
      .concat((e.getAttribute('aria-labelledby') || '').split(' '))
      .concat((e.getAttribute('aria-describedby') || '').split(' ')))
    .filter((id) => id && !ids.includes(id)),
  unnamed: [...document.querySelectorAll('[role=img]')]
    .filter((e) => !e.querySelector('title')?.textContent || !e.querySelector('desc')?.textContent)
    .map(name),
  overflow: document.documentElement.scrollWidth - width,
  sheets: document.styleSheets.length,
  styled: document.querySelectorAll('[style],style,script:not([src])').length,
  texts: texts.length,
  landmarks: ['header', 'nav', 'main', 'footer'].filter((t) => !document.querySelector(t)),
  lang: document.documentElement.lang,
  title: document.title,
};
