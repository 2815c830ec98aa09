"""``baro release`` and ``baro diff``: what is published, whether it is still that, what moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from analysis.cli_translate import LANG
from analysis.errors import BaroError, printable
from analysis.project import find_project

_FOLDER = click.Path(path_type=Path)
_EARLIER = click.Path(exists=True, path_type=Path)
SINCE = click.option(
    "--since", type=_EARLIER, metavar="DIR",
    help="A former release, which the page \"Révisions\" compares this one with.",
)  # fmt: skip
TROUBLE = 2  # of `baro diff`, as of diff


@click.command()
@click.option("--out", type=_FOLDER, metavar="DIR",
              help="Build the site, and put it into DIR, whole or not at all.")  # fmt: skip
@click.option("--verify", type=_EARLIER, metavar="DIR",
              help="Hash its files, build it again elsewhere, say what differs.")  # fmt: skip
@click.option("--no-rebuild", is_flag=True, help="With --verify: hashes only.")
@SINCE
@click.option("--renderer", type=click.Choice(["auto", "quarto", "embedded"]), default="auto",
              help="With --out; auto: Quarto where it is installed.")  # fmt: skip
@LANG
@click.option("--quiet", is_flag=True, help="Say nothing while it works.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.pass_context
def release(
    ctx: click.Context, out: Path | None, verify: Path | None, no_rebuild: bool,
    since: Path | None, renderer: str, languages: tuple[str, ...], quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make a release, or verify one.

    A release is a folder: the site, and manifest.json with the SHA-256 of what it was made from
    and of each of its files. --verify ends with status 1 where anything differs.
    """
    if (out is None) == (verify is None):
        raise click.UsageError("one of --out DIR and --verify DIR is needed")
    if no_rebuild and verify is None:
        raise click.UsageError("--no-rebuild needs --verify DIR")
    say = _say(quiet or as_json)
    if out is not None:
        _make(out, say, renderer, since, languages, as_json=as_json)
    elif verify is not None and not _verify(
        verify, say, since, rebuild=not no_rebuild, as_json=as_json
    ):
        ctx.exit(1)


def _make(
    out: Path, say: Callable[[str], None], renderer: str, since: Path | None,
    languages: tuple[str, ...], *, as_json: bool,
) -> None:  # fmt: skip
    from analysis.release.manifest import manifest_digest
    from analysis.releasing import make_release

    made = make_release(find_project(), out, say, renderer, since, languages)
    size = sum(f.bytes for f in made.files.values())
    origins = {s: sorted({w.origin for w in m.waves.values()})
               for s, m in made.made_from.surveys.items()}  # fmt: skip
    if as_json:
        said = {"folder": str(out), "files": len(made.files), "bytes": size, "data": origins}
        said |= {"fingerprint": made.made_from.fingerprint, "manifest": manifest_digest(out)}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    click.echo(f"{out}: {len(made.files)} files, {size / 1e6:.1f} MB")
    for survey, found in origins.items():
        click.echo(f"  {survey}: {', '.join(found)} data")
    click.echo(f"  fingerprint {made.made_from.fingerprint}")
    click.echo(f"  sha256 of manifest.json {manifest_digest(out)}")


def _verify(
    folder: Path, say: Callable[[str], None], since: Path | None, *, rebuild: bool, as_json: bool
) -> bool:
    from analysis.releasing import verified_text, verify_release

    found = verify_release(find_project(), folder, say, rebuild=rebuild, since=since)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
    else:
        click.echo(printable(verified_text(found)), nl=False)
    return found.same


@click.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every change.")
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Compare the figures of two releases, OLD and NEW: folders, or their manifest.json.

    Ends as diff does: 0 nothing changed, 1 something did, 2 they cannot be compared.
    """
    from analysis.release.figures import read_release
    from analysis.release.revision import compare
    from analysis.release.text import revision_text

    try:
        found = compare(read_release(old, "OLD"), read_release(new, "NEW"))
    except BaroError as e:
        if as_json:
            problems = [p.as_dict() for p in e.problems]
            click.echo(json.dumps({"problems": problems}, ensure_ascii=False, indent=1))
        click.echo(str(e), err=True)
        ctx.exit(TROUBLE)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
    else:
        click.echo(printable(revision_text(found)), nl=False)
    if found:
        ctx.exit(1)


def _say(quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else (lambda line: click.echo(line, err=True))
