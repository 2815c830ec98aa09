"""What must hold of declared rules: one check each, on variables that its waves have."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.definition.rulemodels import Rule
from analysis.definition.wavechecks import WaveChecks, names_of
from analysis.definition.yamltext import Path_
from analysis.errors import Problem, nearest
from analysis.expressions import ExpressionError, explain, faults, parse

_KINDS = "expect:, missing:, weights:, speed:, same_answer: or repeated:"


class RuleChecks(WaveChecks):
    """The checks of ``rules:``."""

    def rules(self) -> Iterator[Problem]:
        """Every fault of every rule."""
        for name, rule in self.spec.rules.items():
            wrong = [*self.shape(name, rule), *self.rule_names(name, rule)]
            yield from wrong
            if not wrong:
                yield from self.rule_waves(name, rule)

    def shape(self, name: str, rule: Rule) -> Iterator[Problem]:
        """One kind of check, with the keys that belong to it."""
        path: Path_ = ("rules", name)
        if not name.isidentifier():
            yield Problem(self.at(*path), f'"{name}" cannot name a rule', "letters, digits and _",
                          "choose another name")  # fmt: skip
        if len(rule.checks) != 1:
            found = " and ".join(rule.checks) or "no check"
            yield Problem(self.at(*path), found, f"one of {_KINDS}",
                          "write one rule a check")  # fmt: skip
        if rule.rise is not None and not rule.missing:
            yield Problem(self.at(*path, "rise"), "rise: without missing:", "missing: variables",
                          "remove rise:, or name the variables under missing:")  # fmt: skip
        if rule.missing and rule.rise is None and rule.at_most is None:
            yield Problem(self.at(*path), "missing: without a bound", "at_most:, rise: or both",
                          "add at_most: 0.1")  # fmt: skip
        for key in ("rise", "at_most"):
            value = getattr(rule, key)
            if value is not None and not 0 <= value <= 1:
                yield Problem(self.at(*path, key), f"{value:g}", "a share, between 0 and 1",
                              "write e.g. 0.05 for 5 %")  # fmt: skip
        if rule.weights and not any(rule.weights.model_dump().values()):
            yield Problem(self.at(*path, "weights"), "no bound", "min, max, mean, sum or deff",
                          "add deff: 2")  # fmt: skip
        if rule.weights and (rule.when or rule.at_most is not None):
            yield Problem(self.at(*path), "when: or at_most: with weights:", "all weights",
                          "remove it")  # fmt: skip
        if len(rule.same_answer) == 1:
            yield Problem(self.at(*path, "same_answer"), "one variable", "three or more",
                          "name the variables of the battery")  # fmt: skip

    def rule_names(self, name: str, rule: Rule) -> Iterator[Problem]:
        """Expressions and variables of the rule."""
        path: Path_ = ("rules", name)
        for key in ("when", "expect"):
            text = getattr(rule, key)
            try:
                found = faults(parse(text), self.codes, self.survey.dates) if text else []
            except ExpressionError as e:
                yield explain(self.at(*path, key), text, e)
                continue
            for fault in found:
                yield Problem(self.at(*path, key), fault, "", f"correct the expression: {text}")
        for read in rule.variables:
            key = next(k for k in rule.checks if read in self._named(rule, k))
            if read not in self.codes:
                yield Problem(self.at(*path, key), f'"{read}" is not a variable',
                              nearest(read, self.codes), "correct the name")  # fmt: skip
        if rule.speed and self.codes.get(rule.speed.variable, None) is not None:
            yield Problem(self.at(*path, "speed", "variable"),
                          f"{rule.speed.variable} has categories", "a numeric variable",
                          "name the duration of the interview")  # fmt: skip
        sets = {self.codes[v] for v in rule.same_answer if v in self.codes}
        if len(sets) > 1 or None in sets:
            yield Problem(self.at(*path, "same_answer"), "variables with other categories",
                          "the same categories in all of them",
                          "name the variables of one battery")  # fmt: skip

    def rule_waves(self, name: str, rule: Rule) -> Iterator[Problem]:
        """The waves of the rule have what it reads."""
        read = [*rule.variables, *names_of(rule.when), *names_of(rule.expect)]
        for wave in self.survey.span(rule.waves):
            gone = self.survey.left_out(wave).variables
            for absent in self.absent([r for r in dict.fromkeys(read) if r not in gone], wave):
                if rule.missing and absent in rule.missing:
                    continue  # a share of what was not asked is not looked at
                yield Problem(self.at("rules", name, "waves"), f"{absent} is not in wave {wave}",
                              f"the waves of {absent}: {self.spec.variables[absent].waves}",
                              "shorten the rule's waves")  # fmt: skip

    def _named(self, rule: Rule, kind: str) -> tuple[str, ...]:
        if kind == "speed" and rule.speed:
            return (rule.speed.variable,)
        value = getattr(rule, kind)
        return value if isinstance(value, tuple) else ()
