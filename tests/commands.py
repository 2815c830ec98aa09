"""Commands as a user types them: what they say, and how they end."""

from __future__ import annotations

from click.testing import CliRunner, Result

from analysis.cli import main


def baro(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def well(*args: str) -> str:
    """What a command says that must succeed without a word on stderr."""
    done = baro(*args)
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return done.stdout


def refused(*args: str) -> str:
    """The message of a command that must end with status 1, and that has a remedy."""
    done = baro(*args)
    assert isinstance(done.exception, SystemExit), "an error that nobody caught"
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "\n  -> " in done.stderr
    return done.stderr
