"""A new wave arrives: its file is compared, its definition drafted, its decisions asked for.

=============  ==================================================================================
module         one job
=============  ==================================================================================
add            read, compare, put down file, report and draft so that a kill leaves all whole
check          what is left to decide, then whether the wave can be built
compare        the comparison in order
columns        new, gone, renamed
rows           repeated, shifted, cut, without identifier or weight, impossible
labels         new, gone, respelled
asked          filled in without being asked, asked again, universes
levels         missing answers, weights, margins, answers
jumps          indicators beyond sampling error
pages          reports/*.qmd that quote what the wave does not have
snippet        a new question as a variable of survey.yml
draft, report  waves/<wave>.yml as text; HTML and JSON
=============  ==================================================================================
"""

from analysis.arrival.add import Added, add_wave
from analysis.arrival.check import OpenLine, check_wave, open_lines

__all__ = ["Added", "OpenLine", "add_wave", "check_wave", "open_lines"]
