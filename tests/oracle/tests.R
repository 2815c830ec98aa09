# Goldens of tests, contrasts and trends, made with R survey. Run: Rscript tests.R in this folder.
# Writes tests/<data>.csv (what the designs hold) and tests/<kind>.csv (what R says of them).
suppressPackageStartupMessages(library(survey))
options(digits = 15, survey.replicates.mse = TRUE, survey.lonely.psu = "fail", warn = -1)
data(api); data(nhanes); data(scd)
set.seed(1979)

# ---- data --------------------------------------------------------------------------------------
schools <- function(d, more) {
  n <- nrow(d)
  d <- data.frame(d[more], g = as.character(d$stype), b = as.character(d$sch.wide),
    c = as.character(d$awards), keep = as.integer(d$meals > 35), y = d$api00, x = d$api99,
    m = d$meals, e = d$enroll, u = d$api00 + seq_len(n) / 1000)  # u: y without ties
  d$m[seq(3, n, 11)] <- NA
  d$c[seq(5, n, 13)] <- NA
  d
}
strat <- schools(apistrat, c("pw", "fpc", "stype"))
clus1 <- schools(apiclus1, c("dnum", "pw", "fpc"))
clus2 <- schools(apiclus2, c("dnum", "snum", "pw", "fpc1", "fpc2"))
srs <- schools(apisrs, c("pw", "fpc"))
rows <- sort(sample(nrow(nhanes), 1500))
nh <- with(nhanes[rows, ], data.frame(psu = SDMVPSU, h = SDMVSTRA, w = WTMEC2YR, g = race,
  b = RIAGENDR, c = HI_CHOL, keep = as.integer(agecat != "(0,19]"), y = HI_CHOL))
panel <- expand.grid(person = 1:6, wave = c(2018, 2019, 2021, 2022), psu = 1:2, h = 1:9)
n <- nrow(panel)
place <- interaction(panel$h, panel$psu)
panel <- with(panel, data.frame(wave, h = sprintf("h%d", h), psu, w = round(exp(rnorm(n, 1, 0.3)), 5),
  g = sample(c("north", "south", "west"), n, TRUE), keep = rbinom(n, 1, 0.7)))
shift <- rnorm(18)[as.integer(place)]                       # what the waves of a PSU share
panel$y <- round(10 + 2 * shift + 0.4 * (panel$wave - 2018) + (panel$wave >= 2021) + rnorm(n), 3)
panel$x <- round(5 + panel$y / 4 + rgamma(n, 2), 3)
panel$u <- panel$y + seq_len(n) / 1e6
panel$m <- ifelse(runif(n) < 0.08, NA, round(rnorm(n, panel$y, 3), 3))
panel$b <- ifelse(runif(n) < plogis(shift), "yes", "no")
panel$c <- ifelse(runif(n) < 0.1, NA, ifelse(runif(n) < plogis(shift + 0.5 * (panel$g == "west")), "yes", "no"))
panel$alone <- paste(panel$wave, panel$h)                   # waves drawn apart
half <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1), c(0, 1, 0, 1, 1, 0))
scd2 <- data.frame(w = 1, setNames(as.data.frame(half), paste0("r", 1:4)), g = scd$ESA,
  y = scd$arrests, x = scd$alive, keep = 1L)

# ---- designs -----------------------------------------------------------------------------------
two <- svydesign(~psu, strata = ~h, weights = ~w, data = panel, nest = TRUE)
brr <- as.svrepdesign(two, "BRR")
panel[paste0("r", seq_len(ncol(weights(brr, "analysis"))))] <- as.data.frame(weights(brr, "analysis"))
jk1 <- as.svrepdesign(svydesign(~dnum, weights = ~pw, data = clus1), "JK1")
clus1[paste0("r", 1:15)] <- as.data.frame(weights(jk1, "analysis"))
designs <- list(
  strat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  clus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  clus2 = svydesign(~dnum + snum, weights = ~pw, fpc = ~fpc1 + fpc2, data = clus2),
  srs = svydesign(~1, weights = ~pw, fpc = ~fpc, data = srs),
  nhanes = svydesign(~psu, strata = ~h, weights = ~w, nest = TRUE, data = nh),
  panel = svydesign(~psu, strata = ~h, weights = ~w, data = panel, nest = TRUE),
  apart = svydesign(~psu, strata = ~alone, weights = ~w, data = panel, nest = TRUE),
  panel_brr = brr,
  clus1_jk1 = jk1,
  scd_brr = svrepdesign(data = scd2, weights = ~w, type = "BRR", repweights = half, combined.weights = TRUE)
)
files <- list(strat = strat, clus1 = clus1, clus2 = clus2, srs = srs, nhanes = nh, panel = panel, scd = scd2)
for (k in names(files)) write.csv(files[[k]], file.path("tests", paste0(k, ".csv")), row.names = FALSE, na = "", quote = FALSE)
SCHOOLS <- c("strat", "clus1", "clus2", "srs", "clus1_jk1"); PANELS <- c("panel", "apart", "panel_brr")
domain <- function(d, name) if (name == "all") d else subset(d, keep == 1)
# Rows with an answer to all: the same estimates, and degf() of the base wherever R asks for it.
answered <- function(d, names) d[complete.cases(d$variables[names]), ]
# R's own functions look for a g of theirs in the columns of a replicate design.
without_g <- function(d) { d$variables$group <- d$variables$g; d$variables$g <- NULL; d }
keep_rows <- function(cases, one) do.call(rbind, lapply(seq_len(nrow(cases)), function(i) do.call(one, cases[i, ])))
stored <- function(d, file) {
  numbers <- names(d)[sapply(d, is.double)]
  for (v in numbers) d[[v]] <- ifelse(is.na(d[[v]]), "", sprintf("%.15g", d[[v]]))
  d$r <- as.character(getRversion()); d$survey <- as.character(packageVersion("survey"))
  write.csv(d, file.path("tests", paste0(file, ".csv")), row.names = FALSE, quote = FALSE, na = "")
}
over <- function(...) expand.grid(..., KEEP.OUT.ATTRS = FALSE, stringsAsFactors = FALSE)
BOTH <- c("all", "keep")

# ---- independence ------------------------------------------------------------------------------
one <- function(design, a, b, dom, statistic) {
  d <- answered(domain(designs[[design]], dom), c(a, b))
  r <- svychisq(as.formula(paste0("~", a, "+", b)), d, statistic = statistic)
  out <- data.frame(design, a, b, dom, statistic, value = unname(r$statistic), df = unname(r$parameter[1]),
    ddf = if (statistic == "Chisq") NA_real_ else unname(r$parameter[2]), p = unname(r$p.value))
  if (statistic == "Chisq") out$value <- qchisq(out$p, out$df, lower.tail = FALSE)
  out
}
kinds <- c("F", "Chisq", "Wald", "adjWald")
stored(rbind(
  keep_rows(over(design = SCHOOLS, a = "b", b = c("g", "c"), dom = BOTH, statistic = kinds), one),
  keep_rows(over(design = "nhanes", a = "g", b = c("b", "c"), dom = BOTH, statistic = kinds), one),
  keep_rows(over(design = PANELS, a = "g", b = c("b", "c"), dom = BOTH, statistic = kinds), one)
), "association")

# ---- location ----------------------------------------------------------------------------------
one <- function(design, test, y, by, dom) {
  d <- answered(domain(designs[[design]], dom), all.vars(as.formula(paste0(y, "~", by))))
  if (by == "0" && inherits(d, "svyrep.design")) {                   # svyttest(y ~ 0) fails there
    e <- svymean(as.formula(paste0("~", y)), d, na.rm = TRUE)
    r <- list(statistic = coef(e) / SE(e), estimate = coef(e))
  } else r <- svyttest(as.formula(paste0(y, "~", by)), without_g(d))
  nu <- if (test == "two") unname(r$parameter) else degf(d)          # R takes one more off
  t <- unname(r$statistic); e <- unname(r$estimate)
  data.frame(design, test, y, by, dom, value = t, df = nu, ddf = NA_real_, p = 2 * pt(-abs(t), nu),
    estimate = e, se = e / t)
}
ranked <- function(design, test, y, by, dom) {
  d <- without_g(domain(designs[[design]], dom))
  # With equal weights and n odd somebody stands at the median, above it or not by rounding alone.
  if (test == "median" && nrow(d) %% 2 == 1 && diff(range(weights(d, "sampling"))) == 0) return(NULL)
  r <- svyranktest(as.formula(paste0(y, "~", if (by == "g") "group" else by)), d, test = test)
  pair <- names(r$statistic)[1] == "t"
  k <- if (pair) 1 else unname(r$statistic)                           # 4.1-1 swaps the two names
  data.frame(design, test, y, by, dom, value = unname(if (pair) r$statistic else r$parameter) / k,
    df = if (pair) unname(r$parameter) else k,
    ddf = if (pair) NA_real_ else unname(r$ddf), p = as.numeric(r$p.value)[1],
    estimate = if (pair) unname(r$estimate) else NA_real_, se = NA_real_)
}
ranks <- c("wilcoxon", "vanderWaerden", "median", "KruskalWallis")
stored(rbind(
  keep_rows(over(design = SCHOOLS, test = "two", y = c("y", "m"), by = c("b", "c"), dom = BOTH), one),
  keep_rows(over(design = "nhanes", test = "two", y = "y", by = "b", dom = BOTH), one),
  keep_rows(over(design = PANELS, test = "two", y = c("y", "m"), by = c("b", "c"), dom = BOTH), one),
  keep_rows(over(design = c(SCHOOLS, PANELS), test = c("paired"), y = "I(y-x)", by = "0", dom = BOTH), one),
  keep_rows(over(design = c(SCHOOLS, PANELS), test = c("one"), y = "m", by = "0", dom = BOTH), one),
  keep_rows(over(design = c(SCHOOLS, PANELS), test = ranks, y = "u", by = "b", dom = BOTH), ranked),
  keep_rows(over(design = c("clus1", "srs", "clus1_jk1"), test = ranks, y = "y", by = "b", dom = BOTH), ranked),
  keep_rows(over(design = c(SCHOOLS[-5], PANELS[-3]), test = ranks[-1], y = "u", by = "g", dom = BOTH), ranked),
  keep_rows(over(design = c("clus1", "srs"), test = ranks[-1], y = "y", by = "g", dom = BOTH), ranked)
), "location")

# ---- correlation: the delta method on svyvar, or its replicates --------------------------------
one <- function(design, x, y, dom) {
  d <- domain(designs[[design]], dom)
  whole <- !is.na(d$variables[[x]]) & !is.na(d$variables[[y]])
  v <- svyvar(as.formula(paste0("~", x, "+", y)), d[whole, ], return.replicates = TRUE)
  r_of <- function(m) m[2] / sqrt(m[1] * m[4])
  if (inherits(d, "svyrep.design")) {
    full <- matrix(unclass(v$variance), 2); each <- v$replicates
    se <- sqrt(sum(d$scale * d$rscales * (apply(each, 1, r_of) - r_of(full))^2))
  } else {
    full <- matrix(coef(v), 2); r <- r_of(full)
    slope <- c(-r / (2 * full[1]), 1 / sqrt(full[1] * full[4]), 0, -r / (2 * full[4]))
    se <- sqrt(drop(slope %*% vcov(v) %*% slope))
  }
  data.frame(design, x, y, dom, estimate = r_of(full), se, df = degf(d[whole, ]), n = sum(whole))
}
stored(keep_rows(rbind(over(design = SCHOOLS, x = "y", y = c("x", "m", "e"), dom = BOTH),
  over(design = PANELS, x = "y", y = c("x", "m"), dom = BOTH),
  over(design = "scd_brr", x = "y", y = "x", dom = "all")), one), "correlation")

# ---- contrasts: svycontrast on svyby with its covariance ---------------------------------------
by_cells <- function(design, y, by, dom, measure) {
  d <- domain(designs[[design]], dom)
  if (measure == "ratio") {
    return(svyby(~y, as.formula(paste0("~", by)), d, svyratio, denominator = ~x, covmat = TRUE))
  }
  found <- d$variables[[y]]
  d$variables$known <- !is.na(found)
  if (measure == "proportion") {
    d$variables$yes <- as.numeric(found %in% c("yes", "Yes"))
    y <- "yes"
  }
  svyby(as.formula(paste0("~", y)), as.formula(paste0("~", by)), subset(d, known),   # na.rm and covmat
    if (measure == "total") svytotal else svymean, covmat = TRUE)                     # do not mix in R
}
one <- function(design, y, by, dom, measure) {
  e <- by_cells(design, y, by, dom, measure); cells <- names(coef(e)); v <- vcov(e)
  pairs <- utils::combn(length(cells), 2)
  do.call(rbind, apply(pairs, 2, function(p) {
    k <- replace(numeric(length(cells)), p, c(-1, 1))
    found <- svycontrast(e, k)
    level <- sub(":.*", "", cells)
    data.frame(design, y, by, dom, measure, a = level[p[1]], b = level[p[2]], estimate_a = unname(coef(e)[p[1]]),
      estimate_b = unname(coef(e)[p[2]]), difference = as.numeric(coef(found)), se = as.numeric(SE(found)))
  }, simplify = FALSE))
}
stored(rbind(
  keep_rows(over(design = SCHOOLS, y = c("y", "m"), by = "g", dom = BOTH, measure = c("mean", "total")), one),
  keep_rows(over(design = SCHOOLS, y = c("b", "c"), by = "g", dom = BOTH, measure = "proportion"), one),
  keep_rows(over(design = c(SCHOOLS, PANELS), y = "y", by = "g", dom = BOTH, measure = "ratio"), one),
  keep_rows(over(design = "nhanes", y = "y", by = "g", dom = BOTH, measure = c("mean", "total")), one),
  keep_rows(over(design = PANELS, y = c("y", "m"), by = "wave", dom = BOTH, measure = c("mean", "total")), one),
  keep_rows(over(design = PANELS, y = "c", by = "wave", dom = BOTH, measure = "proportion"), one),
  keep_rows(over(design = "scd_brr", y = "y", by = "g", dom = "all", measure = c("mean", "total")), one)
), "contrast")

# ---- trends: the least squares line as a contrast of the waves ---------------------------------
one <- function(design, y, dom, breaks, slopes) {
  e <- by_cells(design, y, "wave", dom, "mean"); x <- as.numeric(names(coef(e)))
  d <- data.frame(x = x - min(x), after = as.numeric(x >= 2021), since = pmax(x - 2021, 0))
  X <- model.matrix(if (breaks == 0) ~x else if (slopes == "common") ~ x + after else ~ x + after + since, d)
  k <- solve(crossprod(X), t(X))
  terms <- c("level", "slope", "break", "change")[seq_len(ncol(X))]
  do.call(rbind, lapply(seq_along(terms)[-1], function(i) {
    found <- svycontrast(e, unname(k[i, ]))
    data.frame(design, y, dom, breaks, slopes, term = terms[i], estimate = as.numeric(coef(found)), se = as.numeric(SE(found)))
  }))
}
stored(rbind(keep_rows(over(design = PANELS, y = c("y", "m"), dom = BOTH, breaks = 0L, slopes = "common"), one),
  keep_rows(over(design = PANELS, y = c("y", "m"), dom = BOTH, breaks = 2021L, slopes = c("common", "separate")), one)), "trend")

# ---- families ----------------------------------------------------------------------------------
p <- round(runif(40)^3, 4); p[c(7, 21)] <- p[3]; p[c(9, 30)] <- NA; p[12] <- 0; p[13] <- 1
stored(data.frame(p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"), bonferroni = p.adjust(p, "bonferroni")), "adjust")
