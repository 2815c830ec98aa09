"""``rules:`` of survey.yml: what must hold in the answers, beyond each variable by itself."""

from __future__ import annotations

from typing import Literal

from analysis.definition.shapes import Model, Texts


class WeightBounds(Model):
    """What the weights of a wave must keep to.

    min, max : least and greatest weight
    mean : lowest and highest mean of the weights
    sum : lowest and highest sum of the weights
    deff : greatest 1 + (variation of the weights)², what they cost in precision (Kish)
    """

    min: float | None = None
    max: float | None = None
    mean: tuple[float, float] | None = None
    sum: tuple[float, float] | None = None
    deff: float | None = None


class Speed(Model):
    """Answers given too fast to have been read.

    variable : a numeric variable, the duration of the interview
    below : a duration under this is too short
    """

    variable: str
    below: float


class Rule(Model):
    """A check of consistency or quality, in each of its waves.

    label : what must hold, in words
    severity : stop refuses the wave; warn says so and goes on
    waves : where it applies
    when : the respondents it is about, an expression; everybody when absent
    expect : what must be true of each of them, an expression
    missing : variables whose share of asked people without an answer is bounded by at_most and rise
    rise : how much more of it there may be than in the wave before
    weights : bounds of the weights
    speed : interviews that are too short
    same_answer : a battery of variables with the same categories, all answered alike
    repeated : variables whose answers, taken together, no two respondents share
    at_most : tolerated share of the respondents (for missing, of those asked); none when absent
    """

    label: str
    severity: Literal["stop", "warn"] = "stop"
    waves: str = "all"
    when: str = ""
    expect: str = ""
    missing: Texts = ()
    rise: float | None = None
    weights: WeightBounds | None = None
    speed: Speed | None = None
    same_answer: Texts = ()
    repeated: Texts = ()
    at_most: float | None = None

    @property
    def checks(self) -> tuple[str, ...]:
        """The kinds of check that it declares; one in a sound definition."""
        kinds = ("expect", "missing", "weights", "speed", "same_answer", "repeated")
        return tuple(k for k in kinds if getattr(self, k))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables it names outside its expressions."""
        speed = (self.speed.variable,) if self.speed else ()
        return (*self.missing, *speed, *self.same_answer, *self.repeated)
