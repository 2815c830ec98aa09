"""``baro schema``: the JSON Schema with which an editor completes and underlines a definition."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--wave", is_flag=True, help="The schema of waves/*.yml; of survey.yml without it.")
def schema(wave: bool) -> None:
    """Print the JSON Schema of survey.yml, for the editor.

    baro schema > survey.schema.json; then, as the first line of survey.yml:
    # yaml-language-server: $schema=../../survey.schema.json
    """
    from analysis.definition.schema import definition_schema

    made = definition_schema("wave" if wave else "survey")
    click.echo(json.dumps(made, ensure_ascii=False, indent=1))
