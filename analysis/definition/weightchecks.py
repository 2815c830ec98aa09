"""What must hold of declared weightings: their margins, waves and key indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.definition.margins import MarginTable
from analysis.definition.models import Weighting
from analysis.definition.survey import Survey
from analysis.definition.wavechecks import WaveChecks
from analysis.definition.yamltext import Path_
from analysis.errors import Problem, nearest

AGREE = 1e-9  # relative difference of the totals of two margins that no weights could meet


class WeightChecks(WaveChecks):
    """The checks of ``weighting:``."""

    def frame(self) -> Iterator[Problem]:
        """The frame takes the place of raw columns, and its variables are in every wave."""
        d, path = self.spec.design, ("design", "frame")
        for key in (k for k in ("strata", "fpc") if d.frame and getattr(d, k)):
            yield Problem(self.at("design", key), f"{key}: beside frame:",
                          f"frame: {d.frame}, which gives strata and their counts",
                          f"remove {key}:, or frame:")  # fmt: skip
        if table := self.survey.margins.get(d.frame):
            yield from margin_lines(self.survey, table, self.survey.waves)
            for wave in self.survey.waves:
                for absent in self.absent(list(table.columns), wave):
                    yield Problem(self.at(*path), f"{absent}, in {_short(table)}, is not in wave "
                                  f"{wave}", "variables of every wave",
                                  f"correct {_short(table)}")  # fmt: skip

    def weightings(self) -> Iterator[Problem]:
        """Every fault of every weighting."""
        for name, w in self.spec.weighting.items():
            yield from self.weighting(name, w)
        yield from self.one_published()

    def weighting(self, name: str, w: Weighting) -> Iterator[Problem]:
        """The faults of one weighting."""
        path: Path_ = ("weighting", name)
        if not name.isidentifier():
            yield Problem(self.at(*path), f'"{name}" cannot name a weighting',
                          "letters, digits and _", "choose another name")  # fmt: skip
        try:
            waves = self.survey.span(w.waves)
        except ValueError as e:
            yield Problem(self.at(*path, "waves"), str(e),
                          "waves: " + ", ".join(self.survey.waves),
                          'write e.g. "2011-2019, 2022"')  # fmt: skip
            return
        if len(waves) < len(self.survey.waves) and not w.reason:
            yield Problem(self.at(*path, "waves"), f"{len(waves)} waves of "
                          f"{len(self.survey.waves)}, and no reason", "why not the others",
                          "add reason: …")  # fmt: skip
        yield from self.start(path, w, waves)
        yield from self.method(path, w)
        yield from self.soft(path, w)
        for indicator in w.key:
            if indicator not in self.spec.indicators:
                yield Problem(self.at(*path, "key"), f'"{indicator}" is not an indicator',
                              nearest(indicator, self.spec.indicators),
                              "correct the name")  # fmt: skip
        for wave in waves:
            yield from self.totals(path, w, wave)
        yield from self.margin_waves(path, w, waves)

    def start(self, path: Path_, w: Weighting, waves: tuple[str, ...]) -> Iterator[Problem]:
        """Whether there are weights to start from."""
        numeric = [k for k, v in self.spec.variables.items() if v.numeric and v.type != "date"]
        if w.start == "equal" or (w.start == "weight" and self.spec.weight_column):
            return
        if w.start not in numeric:
            expected = "equal, weight, or a numeric variable"
            remedy = "declare the column of base weights as a numeric variable, and name it"
            if w.start == "weight":
                remedy = "start: equal, or name the column of the weights under weight:"
            elif w.start == self.spec.weight_column:
                remedy = f"start: weight, which is {w.start}"
            yield Problem(self.at(*path, "start"), f'"{w.start}" holds no base weights', expected,
                          remedy)  # fmt: skip
            return
        for wave in waves:
            for absent in self.absent([w.start], wave):
                yield Problem(self.at(*path, "start"), f"{absent} is not in wave {wave}", "",
                              "shorten the weighting's waves, with its reason:")  # fmt: skip

    def method(self, path: Path_, w: Weighting) -> Iterator[Problem]:
        """Bounds and number of margins that the method allows."""
        if w.method == "poststratification":
            if len(w.margins) > 1:
                yield Problem(self.at(*path, "margins"), f"{len(w.margins)} margins",
                              "one margin, crossed where there are several variables",
                              "cross them in one file, or method: raking")  # fmt: skip
            for key, given in (("bounds", w.bounds), ("soft", w.soft)):
                if given:
                    yield Problem(self.at(*path, key), f"{key} with method: poststratification",
                                  f"no {key}: each cell has one ratio",
                                  "leave it out, or method: raking")  # fmt: skip
        elif w.bounds and not 0 <= w.bounds[0] < 1 < w.bounds[1] < float("inf"):
            low, high = w.bounds
            yield Problem(self.at(*path, "bounds"), f"{low:g} and {high:g}",
                          "0 <= lower < 1 < upper", "e.g. bounds: [0.4, 2.5]")  # fmt: skip

    def soft(self, path: Path_, w: Weighting) -> Iterator[Problem]:
        """Costs belong to margins of the weighting, and are positive."""
        for margin, cost in w.soft.items():
            if margin not in w.margins:
                yield Problem(self.at(*path, "soft", margin), f'"{margin}" is no margin of it',
                              nearest(margin, w.margins), "correct the name")  # fmt: skip
            elif not 0 < cost < float("inf"):
                yield Problem(self.at(*path, "soft", margin), f"a cost of {cost:g}",
                              "a positive number, larger for a closer margin",
                              f"{margin}: 10")  # fmt: skip

    def totals(self, path: Path_, w: Weighting, wave: str) -> Iterator[Problem]:
        """Margins taken as counts add up to one population."""
        if w.total != "population":
            return
        tables = [self.survey.margin(m, wave) for m in w.margins
                  if m in self.survey.margins and m not in w.soft]  # fmt: skip
        for table in tables[1:]:
            apart = table.total / tables[0].total - 1
            if abs(apart) > AGREE:
                yield Problem(
                    f"{self.at(*path, 'margins')}: {_short(tables[0])} and {_short(table)}",
                    f"their populations sum to {tables[0].total:,.10g} and {table.total:,.10g} "
                    f"({apart:+.2g} relative)", "one population",
                    "correct one of them, or total: respondents, which scales both",
                )  # fmt: skip

    def margin_waves(self, path: Path_, w: Weighting, waves: tuple[str, ...]) -> Iterator[Problem]:
        """The variables of the margins are in every wave of the weighting, and have its lines."""
        tables = [self.survey.margins[m] for m in w.margins if m in self.survey.margins]
        for table in tables:
            yield from margin_lines(self.survey, table, waves)
            for wave in waves:
                for absent in self.absent(list(table.columns), wave):
                    yield Problem(self.at(*path, "waves"), f"{absent}, in {_short(table)}, is not "
                                  f"in wave {wave}", "variables of every wave",
                                  "shorten waves:, with its reason:")  # fmt: skip

    def one_published(self) -> Iterator[Problem]:
        """Each wave has one weight that its figures are published with."""
        claimed: dict[str, str] = {}
        for name, w in self.spec.weighting.items():
            try:
                waves = self.survey.span(w.waves) if w.role == "published" else ()
            except ValueError:
                continue
            twice = [wave for wave in waves if wave in claimed]
            if twice:
                yield Problem(self.at("weighting", name, "role"), f"published in {twice[0]}, as "
                              f"{claimed[twice[0]]} is", "one published weighting a wave",
                              "role: alternative, or other waves:")  # fmt: skip
            claimed |= dict.fromkeys(waves, name)


def margin_lines(survey: Survey, table: MarginTable, waves: Iterable[str]) -> Iterator[Problem]:
    """A margin that tells waves apart has lines for those it is used in, and for no unknown one."""
    known = table.by_wave
    for wave in known:
        if wave not in survey.waves:
            yield Problem(f"{table.file}: wave {wave}", "there is no such wave",
                          nearest(wave, survey.waves), "correct the wave")  # fmt: skip
    for wave in waves if known else ():
        if wave not in known:
            yield Problem(table.file, f"no line for wave {wave}", f"its waves: {', '.join(known)}",
                          f"add the lines of {wave}")  # fmt: skip


def _short(table: MarginTable) -> str:
    return "margins/" + table.file.rpartition("/")[2]
