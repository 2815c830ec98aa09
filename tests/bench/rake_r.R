# One tool of raking.py: R survey, calibrate() with the raking distance (rake() is slower still).
suppressPackageStartupMessages(library(survey))
args <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(args[1])
margins <- read.csv(file.path(dirname(args[1]), "margins.csv"))
names <- unique(margins$margin)
population <- c(`(Intercept)` = sum(margins$population[margins$margin == names[1]]))
for (name in names) {
  frame[[name]] <- factor(frame[[name]])
  own <- margins[margins$margin == name, ]
  kept <- levels(frame[[name]])[-1]
  population <- c(population, setNames(own$population[match(kept, own$category)], paste0(name, kept)))
}
formula <- as.formula(paste("~", paste(names, collapse = "+")))
start <- proc.time()[["elapsed"]]  # once: it takes long enough
design <- svydesign(ids = ~1, weights = ~w, data = frame)
raked <- calibrate(design, formula, population, calfun = "raking", epsilon = 1e-9, maxit = 200)
seconds <- proc.time()[["elapsed"]] - start
w <- weights(raked)[1:1000]
cells <- sprintf('["%d", [%.15g, 1]]', 0:999, w)
cat(sprintf('{"seconds": [%s], "peak_mb": 0, "cells": [%s]}\n', seconds, paste(cells, collapse = ",")))
