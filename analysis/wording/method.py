"""The method section, generated from the definition and from what the table holds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import median

from analysis.definition import Survey
from analysis.definition.models import WaveFile
from analysis.definition.publication import Limits
from analysis.wording.lines import sampling_note
from analysis.wording.numbers import integer, listed, number, percent, typeset
from analysis.wording.origins import stamp
from analysis.wording.rows import Estimate

_KINDS = {
    "quota": "échantillon par quotas",
    "probability": "échantillon aléatoire",
    "voluntary": "participation volontaire",
}
_INTERVALS = (
    "Chaque chiffre est donné avec son intervalle à 95 %. On calcule l’erreur-type par "
    "linéarisation de Taylor, avec les poids de l’enquête. L’intervalle d’une proportion est bâti "
    "sur son logit, ln(p / (1 − p)) : il reste entre 0 et 100 %. Les bornes sont "
    "logit(p) ± t × erreur-type / (p (1 − p)), ramenées en pourcentage. Ici, t est le quantile de "
    "la loi de Student. L’intervalle d’une moyenne est moyenne ± t × erreur-type."
)
_OTHER_INTERVALS = {
    "quantile": (
        "L’intervalle d’une médiane ou d’un autre quantile est celui de Woodruff : l’intervalle de "
        "la part des {units} en dessous, reporté sur la distribution."
    ),
    "ratio": (
        "Un rapport divise deux totaux estimés ; son erreur-type tient compte de l’incertitude de "
        "l’un et de l’autre."
    ),
    "share_of_mentions": (
        "La part d’une réponse dans les réponses citées est un rapport de deux totaux : celui de "
        "la réponse, et celui de toutes les réponses. Son intervalle est bâti sur le logit, comme "
        "celui d’une proportion."
    ),
    "battery": (
        "Un score de batterie est la moyenne, sur les {units}, de la part de « oui » parmi les "
        "questions auxquelles chacun a répondu."
    ),
}
_FEW = (
    "Les moyennes, quantiles, rapports et scores ne sont pas publiés en dessous de 30 réponses ; "
    "au-delà d’un coefficient de variation de 20 %, ils sont marqués comme peu fiables."
)
_QUOTA = (
    "Ce n’est pas le hasard qui désigne les {units} : aucune théorie ne garantit ces "
    "intervalles. Ils disent la précision qu’aurait un tirage aléatoire avec les mêmes poids."
)
_DIFFERENCES = (
    "Un titre n’affirme un écart que si le test au seuil de 5 % le confirme. Entre les groupes "
    "d’un même critère, le seuil est divisé par le nombre de paires (Bonferroni). Sinon, "
    "le titre reste neutre, ou dit que la différence n’est pas significative."
)
_ROUNDING = (
    "Les chiffres sont arrondis une seule fois, depuis la valeur non arrondie. La somme des "
    "arrondis peut différer de 100 %. Un zéro est marqué [n] quand seul l’arrondi le rend nul ; "
    "sans marque, c’est un vrai zéro."
)
_MARKED = (
    "Ces seuils sont un choix de ce projet. Une valeur peu fiable est marquée d’un rond vide, et "
    "de [u] dans les tableaux."
)
_THRESHOLDS = {
    "nchs_2017": (
        "Une proportion n’est pas publiée si son effectif efficace est inférieur à 30. Elle ne "
        "l’est pas non plus si son intervalle atteint 30 points de largeur. Au-delà de 5 points, "
        "l’intervalle ne doit pas dépasser 130 % de la valeur (règle du NCHS, 2017). Une valeur "
        "peu fiable est marquée d’un rond vide ou de parenthèses, et de [u] dans les "
        "tableaux."
    ),
    "dhs": (
        "Un chiffre n’est pas publié s’il repose sur moins de 25 réponses. Il est marqué comme peu "
        "fiable de 25 à 49 réponses (règle des enquêtes démographiques et de santé, DHS)."
    ),
    "statcan": (
        "Un chiffre n’est pas publié s’il repose sur moins de 10 réponses, ou si son coefficient "
        "de variation dépasse 33,3 %. Il est marqué comme peu fiable au-delà de 16,6 % (règle de "
        "Statistique Canada)."
    ),
    "eu_silc": (
        "Un chiffre n’est pas publié s’il repose sur moins de 20 réponses. Il est marqué comme peu "
        "fiable de 20 à 49 réponses (règle d’Eurostat pour SRCV)."
    ),
    "ine_chile": (
        "Un chiffre n’est pas publié s’il repose sur moins de 60 réponses ou sur moins de 9 degrés "
        "de liberté. Une part est marquée comme peu fiable si son erreur-type est trop grande pour "
        "elle. Une moyenne l’est au-delà d’un coefficient de variation de 15 %, et n’est pas "
        "publiée au-delà de 30 % (règle de l’INE du Chili, 2020)."
    ),
    "none": "Aucun seuil de publication n’est appliqué.",
}


def method_html(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    """Sections of the method: sample, waves, weights, precision, publication, breaks."""
    measures = {i.measure for i in survey.spec.indicators.values()}
    other = [
        text.format(units=survey.spec.units)
        for measure, text in _OTHER_INTERVALS.items()
        if measure in measures
    ]
    few = [_FEW] if other else []
    parts = (
        ("Qui est interrogé", _sample(survey, wave, cells)),
        ("La pondération", _weights(survey, wave, cells)),
        ("Les intervalles", _paragraphs(_INTERVALS, *other, *_as_if_random(survey))),
        ("Les différences", _paragraphs(_DIFFERENCES, _ROUNDING)),
        ("Ce qui n’est pas publié", _paragraphs(*_published(survey, few))),
        ("Les ruptures de série", _breaks(survey)),
    )
    body = "".join(f"<h3>{title}</h3>{text}" for title, text in parts if text)
    return f'<div class="methode">{body}</div>{_waves(survey, cells)}'


def published_rules(survey: Survey) -> list[str]:
    """What is not published and what is marked, in sentences."""
    measures = {i.measure for i in survey.spec.indicators.values()}
    return _published(survey, [_FEW] if measures.intersection(_OTHER_INTERVALS) else [])


def method_brief(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    """Who was asked, how sure it is, and a link to all the rest."""
    place = survey.id.replace("_", "-")
    return (
        _paragraphs(_asked(survey, wave, cells), sampling_note(survey), _DIFFERENCES)
        + f'<p><a href="methode.html#{place}">La méthode de cette enquête, en entier</a></p>'
    )


def _published(survey: Survey, few: list[str]) -> list[str]:
    """The rule of publication, in words."""
    profile = survey.spec.reliability
    if isinstance(profile, str):
        return [_THRESHOLDS[profile], *(few if profile == "nchs_2017" else []), *_secret(survey)]
    said = [
        _MARKED,
        _beyond("Un chiffre n’est pas publié si", profile.hide),
        _beyond("Un chiffre est marqué comme peu fiable si", profile.mark),
    ]
    return [s for s in (*said[1:], said[0], *_secret(survey)) if s]


def _secret(survey: Survey) -> list[str]:
    """What nobody may work out; empty where nothing is confidential."""
    rule = survey.spec.confidentiality
    if rule is None:
        return []
    units = survey.spec.units
    return [
        f"Secret statistique : personne ne doit pouvoir déduire ce qu’a répondu l’une des {units}.",
        f"Une part n’est pas publiée si moins de {rule.count} réponses sont dans ce cas, ou toutes "
        f"sauf moins de {rule.count}. Quand {percent(rule.near_census)} d’un groupe a répondu, "
        "0 % et 100 % ne sont pas publiés non plus.",
        "Une telle valeur pourrait se retrouver par soustraction. D’autres sont donc retirées, le "
        "moins possible, et les mêmes à chaque vague. Les autres chiffres sont arrondis à deux "
        f"chiffres significatifs. On ne peut déduire une valeur cachée qu’à {rule.protect} "
        "réponses près, au mieux.",
        "Ces seuils sont un choix de ce projet : aucune règle n’en fixe pour cette enquête.",
    ]


def _beyond(start: str, limits: Limits) -> str:
    """The bounds of a figure in a sentence; empty where there are none."""
    told = {
        "n": "il repose sur moins de {} réponses",
        "n_kish": "ses réponses, avec leurs poids inégaux et la part de la population qui a "
        "répondu, en valent moins de {} tirées au hasard",
        "n_eff": "son effectif efficace est inférieur à {}",
        "width": "son intervalle dépasse {} points de largeur",
        "cv": "son coefficient de variation dépasse {} %",
    }
    scale = {"width": 100, "cv": 100}
    bounds = [
        words.format(number(getattr(limits, key) * scale.get(key, 1)))
        for key, words in told.items()
        if getattr(limits, key) is not None
    ]
    said = f"{start} {' ; ou si '.join(bounds)}." if bounds else ""
    return said.replace(" si il ", " s’il ")


def _sample(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    file = survey.waves[wave]
    nobody = file.made and any(not c.observed for c in cells if c.wave == wave)
    made = file.made.note if file.made and nobody else ""
    return _paragraphs(_asked(survey, wave, cells), survey.spec.note, file.note, made)


def _asked(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    spec, file = survey.spec, survey.waves[wave]
    size = integer(respondents(survey, wave, cells))
    return (
        f"En {wave}, {size} {spec.units} ont répondu ({_KINDS[spec.design.sampling]}). "
        f"Mode : {file.mode}. Dates : {file.field}."
    )


def respondents(survey: Survey, wave: str, cells: Sequence[Estimate]) -> int:
    """How many people a wave interviewed: as declared, else the largest base of the table."""
    declared = survey.waves[wave].size
    drawn = any(c.demonstration for c in cells)
    counted = [c.n for c in cells if c.wave == wave and c.whole]
    return max(counted, default=declared or 0) if drawn or not declared else declared


def _weights(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    effects = [c.deff for c in cells if c.wave == wave and c.whole and c.deff is not None]
    name = survey.published_weighting(wave)
    text = (
        f"Chaque réponse compte selon un poids calculé ici : {survey.spec.weighting[name].label}."
        if name
        else "Chaque réponse compte selon un poids fourni avec les données, qui redresse "
        "l’échantillon."
        if survey.spec.weight_column
        else "Toutes les réponses comptent également."
    )
    if not effects:
        return _paragraphs(text)
    return _paragraphs(
        f"{text} L’effet de plan dit de combien ces poids augmentent la variance. En {wave}, il "
        f"vaut {number(median(effects), 2)} (médiane des indicateurs, ensemble de la population)."
    )


def _as_if_random(survey: Survey) -> tuple[str, ...]:
    design = survey.spec.design
    quota = _QUOTA.format(units=survey.spec.units)
    return () if design.sampling == "probability" else (design.text, quota)


def _breaks(survey: Survey) -> str:
    groups = (
        f"{listed(list(survey.span(g.waves)))} – {g.label or 'comparables entre elles'} : "
        f"{g.reason}"
        for g in survey.spec.comparable
    )
    broken = (f"{b.wave} – {b.label} : {b.reason}" for b in survey.spec.breaks)
    return _paragraphs(*broken, *groups)


def _waves(survey: Survey, cells: Sequence[Estimate]) -> str:
    head = "".join(
        f'<th scope="col">{t}</th>'
        for t in ("Vague", "Répondants", "Dates de l’enquête", "Mode d’enquête")
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"<td>{integer(respondents(survey, name, cells))}</td>{_fielded(file)}</tr>"
        for name, file in survey.waves.items()
    )
    several = len(survey.waves) > 1
    title = f"Les {len(survey.waves)} vagues" if several else "La vague"
    caption = f"<caption>{title} de l’enquête{stamp(c.origin for c in cells)}</caption>"
    return (
        "<details><summary>Toutes les vagues : dates, mode, répondants</summary>"
        '<div class="scroll" role="group" tabindex="0" aria-label="Vagues de l’enquête">'
        f'<table class="texte">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></details>"
    )


def _fielded(file: WaveFile) -> str:
    return f"<td>{escape(typeset(str(file.field)))}</td><td>{escape(typeset(file.mode))}</td>"


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{escape(typeset(t), quote=False)}</p>" for t in texts if t)
