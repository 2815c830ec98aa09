"""``baro schema``: the JSON Schema with which an editor completes and underlines a definition."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--wave", is_flag=True, help="The schema of waves/*.yml; of survey.yml without it.")
@click.option("--claims", is_flag=True, help="The schema of reports/claims/*.yml.")
def schema(wave: bool, claims: bool) -> None:
    """Print the JSON Schema of survey.yml, for the editor.

    baro schema > survey.schema.json; then, as the first line of survey.yml:
    # yaml-language-server: $schema=../../survey.schema.json
    """
    from analysis.claims.models import RegisterFile
    from analysis.definition.schema import definition_schema, schema_of

    if wave and claims:
        raise click.UsageError("--wave or --claims, not both")
    made = (
        schema_of(RegisterFile, "reports/claims/<register>.yml")
        if claims
        else definition_schema("wave" if wave else "survey")
    )
    click.echo(json.dumps(made, ensure_ascii=False, indent=1))
