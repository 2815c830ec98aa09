"""The method section, generated from the definition and from what the table holds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import median

from analysis.definition import Survey
from analysis.definition.models import WaveFile
from analysis.definition.publication import Limits
from analysis.language import Words, say
from analysis.rounding import rounded_count
from analysis.wording.lines import sampling_note
from analysis.wording.numbers import integer, listed, number, percent, typeset
from analysis.wording.origins import stamp
from analysis.wording.rows import Estimate

_KINDS = {
    "quota": Words("échantillon par quotas", "quota sample"),
    "probability": Words("échantillon aléatoire", "random sample"),
    "voluntary": Words("participation volontaire", "voluntary participation"),
}
_INTERVALS = Words(
    "Chaque chiffre est donné avec son intervalle à 95 %. On calcule l’erreur-type par "
    "linéarisation de Taylor, avec les poids de l’enquête. L’intervalle d’une proportion est bâti "
    "sur son logit, ln(p / (1 − p)) : il reste entre 0 et 100 %. Les bornes sont "
    "logit(p) ± t × erreur-type / (p (1 − p)), ramenées en pourcentage. Ici, t est le quantile de "
    "la loi de Student. L’intervalle d’une moyenne est moyenne ± t × erreur-type.",
    "Every figure comes with its 95% interval. Standard errors are computed by Taylor "
    "linearisation, with the survey weights. The interval of a proportion is built on its logit, "
    "ln(p / (1 − p)), so that it stays between 0 and 100%. Its bounds are "
    "logit(p) ± t × standard error / (p (1 − p)), turned back into per cent. Here t is the "
    "quantile of Student’s distribution. The interval of a mean is mean ± t × standard error.",
)
_OTHER_INTERVALS = {
    "quantile": Words(
        "L’intervalle d’une médiane ou d’un autre quantile est celui de Woodruff : l’intervalle de "
        "la part des {units} en dessous, reporté sur la distribution.",
        "The interval of a median or another quantile is Woodruff’s: the interval of the share of "
        "{units} below it, read back on the distribution.",
    ),
    "ratio": Words(
        "Un rapport divise deux totaux estimés ; son erreur-type tient compte de l’incertitude de "
        "l’un et de l’autre.",
        "A ratio divides two estimated totals; its standard error counts the uncertainty of both.",
    ),
    "share_of_mentions": Words(
        "La part d’une réponse dans les réponses citées est un rapport de deux totaux : celui de "
        "la réponse, et celui de toutes les réponses. Son intervalle est bâti sur le logit, comme "
        "celui d’une proportion.",
        "The share of an answer among the answers given is a ratio of two totals: that of the "
        "answer, and that of all answers. Its interval is built on the logit, like that of a "
        "proportion.",
    ),
    "battery": Words(
        "Un score de batterie est la moyenne, sur les {units}, de la part de « oui » parmi les "
        "questions auxquelles chacun a répondu.",
        "A battery score is the mean, over {units}, of the share of “yes” among the questions that "
        "each one answered.",
    ),
}
_FEW = Words(
    "Les moyennes, quantiles, rapports et scores ne sont pas publiés en dessous de 30 réponses ; "
    "au-delà d’un coefficient de variation de 20 %, ils sont marqués comme peu fiables.",
    "Means, quantiles, ratios and scores are not published below 30 answers; beyond a coefficient "
    "of variation of 20% they are marked as of low reliability.",
)
_QUOTA = Words(
    "Ce n’est pas le hasard qui désigne les {units} : aucune théorie ne garantit ces "
    "intervalles. Ils disent la précision qu’aurait un tirage aléatoire avec les mêmes poids.",
    "Chance does not choose the {units}: no theory guarantees these intervals. They tell how "
    "precise a random draw with the same weights would be.",
)
_DIFFERENCES = Words(
    "Un titre n’affirme un écart que si le test au seuil de 5 % le confirme. Entre les groupes "
    "d’un même critère, le seuil est divisé par le nombre de paires (Bonferroni). Sinon, "
    "le titre reste neutre, ou dit que la différence n’est pas significative.",
    "A title states a difference only where a test at the 5% level confirms it. Between the groups "
    "of one criterion, the level is divided by the number of pairs (Bonferroni). Otherwise the "
    "title stays neutral, or says that the difference is not significant.",
)
_ROUNDING = Words(
    "Les chiffres sont arrondis une seule fois, depuis la valeur non arrondie. La somme des "
    "arrondis peut différer de 100 %. Un zéro est marqué [n] quand seul l’arrondi le rend nul ; "
    "sans marque, c’est un vrai zéro.",
    "Figures are rounded once, from the unrounded value. Rounded values may not add to 100%. A "
    "zero is marked [n] where only rounding makes it one; without the mark it is a true zero.",
)
_NO_TRUE_ZERO = Words(
    "La somme des arrondis peut différer de 100 %.", "Rounded values may not add to 100%."
)
_MARKED = Words(
    "Ces seuils sont un choix de ce projet. Une valeur peu fiable est marquée d’un rond vide, et "
    "de [u] dans les tableaux.",
    "These thresholds are a choice of this project. A value of low reliability is marked with a "
    "hollow dot, and with [u] in tables.",
)
_THRESHOLDS = {
    "nchs_2017": Words(
        "Une proportion n’est pas publiée si son effectif efficace est inférieur à 30. Elle ne "
        "l’est pas non plus si son intervalle atteint 30 points de largeur. Au-delà de 5 points, "
        "l’intervalle ne doit pas dépasser 130 % de la valeur (règle du NCHS, 2017). Une valeur "
        "peu fiable est marquée d’un rond vide ou de parenthèses, et de [u] dans les "
        "tableaux.",
        "A proportion is not published if its effective sample size is below 30. Nor is it if its "
        "interval is 30 points wide or more. Beyond 5 points, the interval must not exceed 130% of "
        "the value (NCHS rule, 2017). A value of low reliability is marked with a hollow dot or "
        "brackets, and with [u] in tables.",
    ),
    "dhs": Words(
        "Un chiffre n’est pas publié s’il repose sur moins de 25 réponses. Il est marqué comme peu "
        "fiable de 25 à 49 réponses (règle des enquêtes démographiques et de santé, DHS).",
        "A figure is not published if it rests on fewer than 25 answers. It is marked as of low "
        "reliability from 25 to 49 answers (rule of the Demographic and Health Surveys, DHS).",
    ),
    "statcan": Words(
        "Un chiffre n’est pas publié s’il repose sur moins de 10 réponses, ou si son coefficient "
        "de variation dépasse 33,3 %. Il est marqué comme peu fiable au-delà de 16,6 % (règle de "
        "Statistique Canada).",
        "A figure is not published if it rests on fewer than 10 answers, or if its coefficient of "
        "variation exceeds 33.3%. It is marked as of low reliability beyond 16.6% (rule of "
        "Statistics Canada).",
    ),
    "eu_silc": Words(
        "Un chiffre n’est pas publié s’il repose sur moins de 20 réponses. Il est marqué comme peu "
        "fiable de 20 à 49 réponses (règle d’Eurostat pour SRCV).",
        "A figure is not published if it rests on fewer than 20 answers. It is marked as of low "
        "reliability from 20 to 49 answers (Eurostat’s rule for EU-SILC).",
    ),
    "ine_chile": Words(
        "Un chiffre n’est pas publié s’il repose sur moins de 60 réponses ou sur moins de 9 degrés "
        "de liberté. Une part est marquée comme peu fiable si son erreur-type est trop grande pour "
        "elle. Une moyenne l’est au-delà d’un coefficient de variation de 15 %, et n’est pas "
        "publiée au-delà de 30 % (règle de l’INE du Chili, 2020).",
        "A figure is not published if it rests on fewer than 60 answers, or on fewer than 9 "
        "degrees of freedom. A share is marked as of low reliability if its standard error is too "
        "large for it. A mean is marked beyond a coefficient of variation of 15%, and not "
        "published beyond 30% (rule of INE Chile, 2020).",
    ),
    "none": Words(
        "Aucun seuil de publication n’est appliqué.", "No threshold of publication is applied."
    ),
}


def method_html(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    """Sections of the method: sample, waves, weights, precision, publication, breaks."""
    measures = {i.measure for i in survey.spec.indicators.values()}
    other = [
        str(text).format(units=survey.spec.units)
        for measure, text in _OTHER_INTERVALS.items()
        if measure in measures
    ]
    few = [str(_FEW)] if other else []
    intervals = _paragraphs(str(_INTERVALS), *other, *_as_if_random(survey))
    rounded = str(_NO_TRUE_ZERO if survey.rounding else _ROUNDING)
    parts = (
        (say("Qui est interrogé", "Who is asked"), _sample(survey, wave, cells)),
        (say("La pondération", "Weighting"), _weights(survey, wave, cells)),
        (say("Les intervalles", "Intervals"), intervals),
        (say("Les différences", "Differences"), _paragraphs(str(_DIFFERENCES), rounded)),
        (
            say("Ce qui n’est pas publié", "What is not published"),
            _paragraphs(*_published(survey, few)),
        ),
        (say("Les ruptures de série", "Breaks in series"), _breaks(survey)),
    )
    body = "".join(f"<h3>{title}</h3>{text}" for title, text in parts if text)
    return f'<div class="methode">{body}</div>{_waves(survey, cells)}'


def published_rules(survey: Survey) -> list[str]:
    """What is not published and what is marked, in sentences."""
    measures = {i.measure for i in survey.spec.indicators.values()}
    return _published(survey, [str(_FEW)] if measures.intersection(_OTHER_INTERVALS) else [])


def method_brief(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    """Who was asked, how sure it is, and a link to all the rest."""
    place = survey.id.replace("_", "-")
    return (
        _paragraphs(_asked(survey, wave, cells), sampling_note(survey), str(_DIFFERENCES))
        + f'<p><a href="methode.html#{place}">'
        + say("La méthode de cette enquête, en entier", "The method of this survey, in full")
        + "</a></p>"
    )


def _published(survey: Survey, few: list[str]) -> list[str]:
    """The rule of publication, in words."""
    profile = survey.spec.reliability
    if isinstance(profile, str):
        few = few if profile == "nchs_2017" else []
        return [str(_THRESHOLDS[profile]), *few, *_secret(survey)]
    hidden = say("Un chiffre n’est pas publié si", "A figure is not published if")
    marked = say(
        "Un chiffre est marqué comme peu fiable si", "A figure is marked as of low reliability if"
    )
    said = (_beyond(hidden, profile.hide), _beyond(marked, profile.mark), str(_MARKED))
    return [s for s in (*said, *_secret(survey)) if s]


def _secret(survey: Survey) -> list[str]:
    """What nobody may work out; empty where nothing is confidential."""
    rule = survey.spec.confidentiality
    if rule is None:
        return []
    if survey.rounding:
        return _rounding(survey, survey.rounding, rule.protect)
    units, near = survey.spec.units, percent(rule.near_census)
    return [
        say(
            "Secret statistique : personne ne doit pouvoir déduire ce qu’a répondu l’une des "
            f"{units}.",
            "Statistical confidentiality: nobody may be able to work out what any one of the "
            f"{units} answered.",
        ),
        say(
            f"Une part n’est pas publiée si moins de {rule.count} réponses sont dans ce cas, ou "
            f"toutes sauf moins de {rule.count}. Quand {near} d’un groupe a répondu, 0 % et "
            "100 % ne sont pas publiés non plus.",
            f"A share is not published if fewer than {rule.count} answers are in that case, or all "
            f"but fewer than {rule.count}. Where {near} of a group answered, 0% and 100% are not "
            "published either.",
        ),
        say(
            "Une telle valeur pourrait se retrouver par soustraction. D’autres sont donc retirées, "
            "le moins possible, et les mêmes à chaque vague. Les autres chiffres sont arrondis à "
            "deux chiffres significatifs. On ne peut déduire une valeur cachée qu’à "
            f"{rule.protect} réponses près, au mieux.",
            "Such a value could be found again by subtraction. Others are therefore withheld, as "
            "few as possible, and the same in every wave. All other figures are rounded to two "
            "significant digits. A hidden value can be worked out to within "
            f"{rule.protect} answers, no closer.",
        ),
        say(
            "L’intervalle d’un total dont une partie est cachée est élargi : il ne dit rien de "
            "cette partie.",
            "The interval of a total with a hidden part is widened: it says nothing of that part.",
        ),
        say(
            "Ces seuils sont un choix de ce projet : aucune règle n’en fixe pour cette enquête.",
            "These thresholds are a choice of this project: no rule sets any for this survey.",
        ),
    ]


def _rounding(survey: Survey, base: int, protect: int) -> list[str]:
    """The same where counts are rounded."""
    units, few = survey.spec.units, 2 * base
    framed = bool(survey.spec.design.frame or survey.spec.design.fpc)
    none = say(
        " Une part parmi ceux qui ont donné une certaine réponse n’en a pas.",
        " A share among those who gave a certain answer has none.",
    )
    return [
        say(
            "Secret statistique : personne ne doit pouvoir déduire ce qu’a répondu l’une des "
            f"{units}. Tous les effectifs sont donc arrondis au multiple de {base} le plus proche. "
            "Un total arrondi peut différer de la somme de ses parties.",
            "Statistical confidentiality: nobody may be able to work out what any one of the "
            f"{units} answered. All counts are therefore rounded to the nearest multiple of "
            f"{base}. A rounded total may differ from the sum of its parts.",
        ),
        say(
            f"Une part est arrondie à un pas qui n’est pas plus fin que {base} réponses de sa "
            "base. Une valeur de 0 % veut dire : personne, ou presque. Quand l’effectif arrondi "
            f"est de {few} ou moins, il ne resterait rien à lire : la part n’est pas publiée.",
            f"A share is rounded to a step no finer than {base} answers of its base. A value of 0% "
            f"stands for nobody, or hardly anybody. Where the rounded count is {few} or less, "
            "nothing would be left to read: the share is not published.",
        ),
        say(
            "L’intervalle part de la valeur arrondie, et compte le cas le moins sûr de ceux qui "
            "s’arrondissent ainsi. Il est le plus souvent bien plus large.",
            "The interval starts from the rounded value, and counts the least certain case of "
            "those that round to it. It is mostly much wider.",
        )
        + (none if framed else ""),
        say(
            "Si un effectif trop petit pouvait encore se retrouver en croisant les chiffres, "
            "d’autres sont retirés. On ne peut le déduire qu’à "
            f"{protect} réponses près, au mieux. Ces seuils sont un choix de ce projet.",
            "Where too small a count could still be found by combining figures, others are "
            f"withheld. It can be worked out to within {protect} answers, no closer. These "
            "thresholds are a choice of this project.",
        ),
    ]


def _beyond(start: str, limits: Limits) -> str:
    """The bounds of a figure in a sentence; empty where there are none."""
    told = {
        "n": Words("il repose sur moins de {} réponses", "it rests on fewer than {} answers"),
        "n_kish": Words(
            "ses réponses, avec leurs poids inégaux et la part de la population qui a "
            "répondu, en valent moins de {} tirées au hasard",
            "its answers, with their unequal weights and the part of the population that answered, "
            "are worth fewer than {} drawn at random",
        ),
        "n_eff": Words(
            "son effectif efficace est inférieur à {}", "its effective sample size is below {}"
        ),
        "width": Words(
            "son intervalle dépasse {} points de largeur",
            "its interval is more than {} points wide",
        ),
        "cv": Words(
            "son coefficient de variation dépasse {} %", "its coefficient of variation exceeds {}%"
        ),
    }
    scale = {"width": 100, "cv": 100}
    bounds = [
        str(words).format(number(getattr(limits, key) * scale.get(key, 1)))
        for key, words in told.items()
        if getattr(limits, key) is not None
    ]
    said = f"{start} {say(' ; ou si ', '; or if ').join(bounds)}." if bounds else ""
    return said.replace(" si il ", " s’il ")


def _sample(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    file = survey.waves[wave]
    nobody = file.made and any(not c.observed for c in cells if c.wave == wave)
    made = file.made.note if file.made and nobody else ""
    return _paragraphs(_asked(survey, wave, cells), survey.spec.note, file.note, made)


def _asked(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    spec, file = survey.spec, survey.waves[wave]
    size, kind = integer(respondents(survey, wave, cells)), _KINDS[spec.design.sampling]
    return say(
        f"En {wave}, {size} {spec.units} ont répondu ({kind}). "
        f"Mode : {file.mode}. Dates : {file.field}.",
        f"In {wave}, {size} {spec.units} answered ({kind}). "
        f"Mode: {file.mode}. Dates: {file.field}.",
    )


def respondents(survey: Survey, wave: str, cells: Sequence[Estimate]) -> int:
    """How many people a wave interviewed: as declared, else the largest base of the table."""
    declared = survey.waves[wave].size
    drawn = any(c.demonstration for c in cells)
    counted = [c.n for c in cells if c.wave == wave and c.whole]
    number = max(counted, default=declared or 0) if drawn or not declared else declared
    return rounded_count(number, survey.rounding) if survey.rounding else number


def _weights(survey: Survey, wave: str, cells: Sequence[Estimate]) -> str:
    effects = [c.deff for c in cells if c.wave == wave and c.whole and c.deff is not None]
    name = survey.published_weighting(wave)
    label = survey.spec.weighting[name].label if name else ""
    text = (
        say(
            f"Chaque réponse compte selon un poids calculé ici : {label}.",
            f"Every answer counts by a weight computed here: {label}.",
        )
        if name
        else say(
            "Chaque réponse compte selon un poids fourni avec les données, qui redresse "
            "l’échantillon.",
            "Every answer counts by a weight that comes with the data and adjusts the sample.",
        )
        if survey.spec.weight_column
        else say("Toutes les réponses comptent également.", "All answers count equally.")
    )
    if not effects:
        return _paragraphs(text)
    effect = number(median(effects), 2)
    return _paragraphs(
        say(
            f"{text} L’effet de plan dit de combien ces poids augmentent la variance. En {wave}, "
            f"il vaut {effect} (médiane des indicateurs, ensemble de la population).",
            f"{text} The design effect tells by how much these weights increase the variance. In "
            f"{wave} it is {effect} (median of the indicators, whole population).",
        )
    )


def _as_if_random(survey: Survey) -> tuple[str, ...]:
    design = survey.spec.design
    quota = str(_QUOTA).format(units=survey.spec.units)
    return () if design.sampling == "probability" else (design.text, quota)


def _breaks(survey: Survey) -> str:
    colon, alike = say(" :", ":"), say("comparables entre elles", "comparable with one another")
    groups = (
        f"{listed(list(survey.span(g.waves)))} – {g.label or alike}{colon} {g.reason}"
        for g in survey.spec.comparable
    )
    broken = (f"{b.wave} – {b.label}{colon} {b.reason}" for b in survey.spec.breaks)
    return _paragraphs(*broken, *groups)


def _waves(survey: Survey, cells: Sequence[Estimate]) -> str:
    head = "".join(
        f'<th scope="col">{t}</th>'
        for t in (
            say("Vague", "Wave"),
            say("Répondants", "Respondents"),
            say("Dates de l’enquête", "Dates of fieldwork"),
            say("Mode d’enquête", "Mode"),
        )
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"<td>{integer(respondents(survey, name, cells))}</td>{_fielded(file)}</tr>"
        for name, file in survey.waves.items()
    )
    several, count = len(survey.waves) > 1, len(survey.waves)
    title = say(
        f"{f'Les {count} vagues' if several else 'La vague'} de l’enquête",
        f"The {f'{count} waves' if several else 'wave'} of the survey",
    )
    caption = f"<caption>{title}{stamp(c.origin for c in cells)}</caption>"
    summary = say(
        "Toutes les vagues : dates, mode, répondants", "All waves: dates, mode, respondents"
    )
    name = say("Vagues de l’enquête", "Waves of the survey")
    return (
        f"<details><summary>{summary}</summary>"
        f'<div class="scroll" role="group" tabindex="0" aria-label="{name}">'
        f'<table class="texte">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></details>"
    )


def _fielded(file: WaveFile) -> str:
    return f"<td>{escape(typeset(str(file.field)))}</td><td>{escape(typeset(file.mode))}</td>"


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{escape(typeset(t), quote=False)}</p>" for t in texts if t)
