# Goldens for means and proportions of domains, made with R survey. Run: Rscript ratio.R
# in this folder. Writes respondents.csv (generated) and ratio.csv (what R says of them).
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)
set.seed(20070622)

n <- 900
h <- sort(sample(sprintf("s%02d", 1:6), n, replace = TRUE, prob = c(4, 3, 3, 2, 2, 1)))
psu <- paste0(h, "-", sample(1:8, n, replace = TRUE))
w <- round(exp(rnorm(n, 0, 0.5)), 6)
g <- sample(c("a", "b", "c", "d"), n, replace = TRUE, prob = c(5, 3, 2, 0.3))
p <- plogis(-1 + 0.8 * (g == "b") + 0.3 * as.integer(factor(h)) + rnorm(48)[as.integer(factor(psu))] / 2)
y <- rbinom(n, 1, p)
y[sample(n, 90)] <- NA                       # not asked: out of the base
rare <- rbinom(n, 1, 0.02)
big <- 1e6 + round(rnorm(n, 50, 9) + 5 * y, 3) # a large mean with a small spread
hours <- round(rgamma(n, 2, 0.1), 2)
hours[sample(n, 60)] <- NA
M <- ave(psu, h, FUN = function(x) length(unique(x)))
rows <- data.frame(h, psu, w, g, y, rare, big, hours, N_el = as.integer(table(h)[h]) * 3L + 7L,
                   N_psu = as.integer(M) * 2L + 1L)
write.csv(rows, "respondents.csv", row.names = FALSE, na = "")

designs <- list(
  element = svydesign(ids = ~1, weights = ~w, data = rows),
  stratified = svydesign(ids = ~1, strata = ~h, weights = ~w, data = rows),
  clustered = svydesign(ids = ~psu, strata = ~h, weights = ~w, data = rows),
  fpc_element = svydesign(ids = ~1, strata = ~h, weights = ~w, fpc = ~N_el, data = rows),
  fpc_clustered = svydesign(ids = ~psu, strata = ~h, weights = ~w, fpc = ~N_psu, data = rows)
)

one <- function(name, design, variable, level) {
  inside <- !is.na(rows[[variable]]) & (level == "all" | rows$g == level)
  part <- subset(design, inside)                      # R keeps the design's strata and PSUs
  f <- as.formula(paste0("~", variable))
  m <- svymean(f, part, deff = "replace")
  df <- degf(design)
  proportion <- variable %in% c("y", "rare")
  est <- as.numeric(coef(m)); se <- as.numeric(SE(m))
  ci <- if (proportion && est > 0 && est < 1) {
    as.numeric(confint(svyciprop(f, part, method = "logit", df = df)))
  } else est + c(-1, 1) * qt(0.975, df) * se
  data.frame(design = name, variable, level, estimate = est, se, ci_low = ci[1], ci_high = ci[2],
             deff = as.numeric(deff(m)), df, n = sum(inside))
}

out <- do.call(rbind, lapply(names(designs), function(d) {
  do.call(rbind, lapply(c("y", "rare", "big", "hours"), function(v) {
    do.call(rbind, lapply(c("all", "a", "b", "c", "d"), function(l) one(d, designs[[d]], v, l)))
  }))
}))
out$r <- as.character(getRversion())
out$survey <- as.character(packageVersion("survey"))
options(scipen = 0)
for (c in c("estimate", "se", "ci_low", "ci_high", "deff")) out[[c]] <- sprintf("%.15g", out[[c]])
write.csv(out, "ratio.csv", row.names = FALSE, quote = FALSE)

# ---- design effects of totals and ratios ------------------------------------------------------
# The total of a domain is the total of a value that is 0 outside, over the whole design: R's
# subset() takes how many are in the domain as known, and gives a simple random sample a design
# effect other than 1. Kept in the column "conditional", to show that we do not return it.
dummy <- function(variable, inside) ifelse(inside, rows[[variable]], 0)
effects <- function(m, how) as.numeric(deff(m(how)))
row_of <- function(name, estimator, variable, level, m, conditional = NA) data.frame(
  design = name, estimator, variable, level, deff_wr = effects(m, "replace"),
  deff_wor = if (name == "jkn") NA else effects(m, TRUE), conditional)
of_totals <- function(name, design, variable, level) {
  inside <- !is.na(rows[[variable]]) & (level == "all" | rows$g == level)
  whole <- update(design, value = dummy(variable, inside))
  part <- subset(whole, inside)
  row_of(name, "total", variable, level, function(how) svytotal(~value, whole, deff = how),
         effects(function(how) svytotal(~value, part, deff = how), "replace"))
}
of_ratios <- function(name, design, variable, level) {
  pair <- strsplit(variable, "/")[[1]]
  inside <- !is.na(rows[[pair[1]]]) & !is.na(rows[[pair[2]]]) & (level == "all" | rows$g == level)
  part <- subset(update(design, top = dummy(pair[1], inside), low = dummy(pair[2], inside)), inside)
  row_of(name, "ratio", variable, level, function(how) svyratio(~top, ~low, part, deff = how))
}
levels_of <- c("all", "a", "b", "c", "d")
found <- list()
for (l in levels_of) for (d in names(designs)) {
  for (v in c("y", "rare", "hours")) found[[length(found) + 1]] <- of_totals(d, designs[[d]], v, l)
  for (v in c("hours/N_el", "big/hours")) found[[length(found) + 1]] <- of_ratios(d, designs[[d]], v, l)
}
srs <- svydesign(ids = ~1, weights = ~I(0 * w + 3), data = rows)
jkn <- as.svrepdesign(designs$clustered, type = "JKn", mse = TRUE)
for (l in levels_of) for (v in c("rare", "hours")) {
  found[[length(found) + 1]] <- of_totals("srs", srs, v, l)
  found[[length(found) + 1]] <- of_totals("jkn", jkn, v, l)
}
effects_found <- do.call(rbind, found)
effects_found$r <- as.character(getRversion())
effects_found$survey <- as.character(packageVersion("survey"))
for (c in c("deff_wr", "deff_wor", "conditional"))
  effects_found[[c]] <- ifelse(is.finite(effects_found[[c]]), sprintf("%.15g", effects_found[[c]]), NA)
write.csv(effects_found, "ratio_deff.csv", row.names = FALSE, quote = FALSE, na = "")
