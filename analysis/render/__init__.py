"""Pages from Quarto documents, with Quarto where it is installed and without it elsewhere."""

from analysis.render.checks import check_pages
from analysis.render.config import Project, load_project
from analysis.render.document import render_document
from analysis.render.kept import Kept
from analysis.render.project import RenderResult, render_project
from analysis.render.quarto import quarto_path, quarto_version

__all__ = [
    "Kept",
    "Project",
    "RenderResult",
    "check_pages",
    "load_project",
    "quarto_path",
    "quarto_version",
    "render_document",
    "render_project",
]
