# One tool of estimation.py: R survey.
suppressPackageStartupMessages(library(survey))
args <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(args[1])
domains <- c("d5", "d6", "d7", "d8", "d9", "d13")
variables <- grep("^y", names(frame), value = TRUE)
seconds <- c()
cells <- character()
for (run in 1) {  # once: a million rows take it minutes
  start <- proc.time()[["elapsed"]]
  design <- svydesign(ids = ~psu, strata = ~h, weights = ~w, data = frame)
  for (v in variables) {
    f <- as.formula(paste0("~", v))
    m <- svymean(f, design, na.rm = TRUE); confint(m)
    cells <- c(cells, sprintf('["%s/ensemble/ensemble", [%.15g, %.15g]]', v, coef(m), SE(m)))
    for (d in domains) {
      b <- svyby(f, as.formula(paste0("~", d)), design, svymean, na.rm = TRUE, vartype = c("se", "ci"))
      cells <- c(cells, sprintf('["%s/%s/%s", [%.15g, %.15g]]', v, d, b[[d]], b[[v]], b$se))
    }
  }
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
cat(sprintf('{"seconds": [%s], "peak_mb": 0, "cells": [%s]}\n', paste(seconds, collapse = ","), paste(cells, collapse = ",")))
