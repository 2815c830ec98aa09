# Goldens for quantiles, the Gini index and the at-risk-of-poverty rate. Run: Rscript quantile.R
# in this folder. Writes quantile_api.csv and quantile_rows.csv (the respondents),
# quantile_factors.csv (replicate factors by PSU), quantile.csv (what R survey says of quantiles)
# and inequality.csv (Gini and poverty from first principles, variances by R survey).
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15, survey.replicates.mse = TRUE)
set.seed(19520901)
data(api)

# --- respondents -------------------------------------------------------------------------
api <- rbind(
  data.frame(sample = "strat", apistrat[c("stype", "dnum", "snum", "pw", "api00", "enroll")],
             fpc1 = apistrat$fpc, fpc2 = NA),
  data.frame(sample = "clus1", apiclus1[c("stype", "dnum", "snum", "pw", "api00", "enroll")],
             fpc1 = apiclus1$fpc, fpc2 = NA),
  data.frame(sample = "clus2", apiclus2[c("stype", "dnum", "snum", "pw", "api00", "enroll",
                                          "fpc1", "fpc2")]))
api$pw <- as.numeric(sprintf("%.15g", api$pw))
write.csv(api, "quantile_api.csv", row.names = FALSE, na = "", quote = FALSE)
api <- read.csv("quantile_api.csv")

n <- 400
h <- sample(sprintf("s%d", 1:4), n, replace = TRUE, prob = 4:1)
psu <- paste0(h, "-", sample(1:6, n, replace = TRUE))
w <- round(exp(rnorm(n, 4, 0.9)), 4)                    # skewed weights
g <- sample(c("a", "b", "c"), n, replace = TRUE, prob = c(5, 3, 1))
income <- round(exp(rnorm(n, 10 + 0.2 * (g == "b") + rnorm(24, 0, 0.2)[factor(psu)], 0.6)), 2)
income[sample(n, 30)] <- NA                             # not answered: out of the base
note <- pmin(10, pmax(0, round(rnorm(n, 6, 2))))        # heavy ties
note[sample(n, 25)] <- NA
rows <- data.frame(h, psu, w, g, income, note, N_psu = c(s1 = 40, s2 = 30, s3 = 25, s4 = 9)[h])
write.csv(rows, "quantile_rows.csv", row.names = FALSE, na = "", quote = FALSE)
rows <- read.csv("quantile_rows.csv")

# --- designs -----------------------------------------------------------------------------
strat <- subset(api, sample == "strat"); clus1 <- subset(api, sample == "clus1")
clus2 <- subset(api, sample == "clus2")
linear <- list(
  strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = strat),
  clus1 = svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc1, data = clus1),
  clus2 = svydesign(ids = ~dnum + snum, weights = ~pw, fpc = ~fpc1 + fpc2, data = clus2),
  element = svydesign(ids = ~1, weights = ~w, data = rows),
  clustered = svydesign(ids = ~psu, strata = ~h, weights = ~w, data = rows),
  fpc_clustered = svydesign(ids = ~psu, strata = ~h, weights = ~w, fpc = ~N_psu, data = rows))
replicated <- list(
  jk1 = as.svrepdesign(svydesign(ids = ~dnum, weights = ~pw, data = clus1), type = "JK1"),
  jkn = as.svrepdesign(linear$clustered, type = "JKn"),
  bootstrap = as.svrepdesign(linear$clustered, type = "subbootstrap", replicates = 40))

factors <- do.call(rbind, lapply(names(replicated), function(kind) {
  d <- replicated[[kind]]
  unit <- as.character(if (kind == "jk1") clus1$dnum else rows$psu)
  one <- match(unique(unit), unit)
  f <- (weights(d, "analysis") / weights(d, "sampling"))[one, ]
  data.frame(kind, psu = rep(unit[one], ncol(f)), replicate = rep(seq_len(ncol(f)), each = nrow(f)),
             factor = sprintf("%.17g", as.vector(f)), scale = sprintf("%.17g", d$scale),
             rscale = sprintf("%.17g", rep(d$rscales, each = nrow(f))))
}))
write.csv(factors, "quantile_factors.csv", row.names = FALSE, quote = FALSE)

# --- quantiles ---------------------------------------------------------------------------
# Where many weigh the same, F reaches 0.5 exactly and R's answer hangs on the rounding of its
# sums: shares of domains are taken between the steps.
P <- function(level) if (level == "all") c(0.25, 0.5, 0.9) else c(0.255, 0.505, 0.895)
of <- function(d) if ("income" %in% names(d$variables)) c("income", "note") else c("api00", "enroll")
by <- function(d) if ("income" %in% names(d$variables)) "g" else "stype"
ask <- function(name, d, variable, level, rule = "math", type = "mean", df = "design") {
  inside <- !is.na(d$variables[[variable]]) & (level == "all" | d$variables[[by(d)]] == level)
  part <- subset(d, inside)
  q <- suppressWarnings(svyquantile(as.formula(paste0("~", variable)), part, P(level), qrule = rule,
         interval.type = type, df = if (df == "design") degf(d) else degf(part)))[[1]]
  data.frame(design = name, variable, level, rule, type, freedom = df, p = P(level), estimate = q[, 1],
             ci_low = q[, 2], ci_high = q[, 3], se = q[, 4], n = sum(inside))
}
out <- list()
add <- function(...) out[[length(out) + 1]] <<- ask(...)
for (name in names(linear)) {
  d <- linear[[name]]
  for (v in of(d)) for (l in c("all", sort(unique(d$variables[[by(d)]])))) {
    add(name, d, v, l)
    # the rules that join respondents: without ties of unequal weights, where R's answer depends
    # on the order of the rows
    joined <- if (name == "clus1" || v == "income") paste0("hf", 4:9) else NULL
    if (l == "all") for (rule in c("school", joined)) add(name, d, v, l, rule = rule)
    if (l == "all") for (type in c("xlogit", "asin", "beta")) add(name, d, v, l, type = type)
    else add(name, d, v, l, df = "domain")
  }
}
for (name in names(replicated)) {
  d <- replicated[[name]]
  for (v in of(d)) for (l in c("all", sort(unique(d$variables[[by(d)]])))) {
    add(name, d, v, l)
    if (l == "all" && v != "note") add(name, d, v, l, rule = "hf7")
    # not "c": with 40 people replicates reach the smallest value, which 4.1-1 never returns
    if (name == "bootstrap" && l != "c") add(name, d, v, l, type = "quantile")
  }
}
out <- do.call(rbind, out)
# 4.1-1 never returns the smallest observation: 2 where the weighted distribution says 1
six <- svydesign(ids = ~1, weights = ~w, data = data.frame(x = c(1, 2, 2, 3, 5, 8), w = 1))
out <- rbind(out, data.frame(design = "six", variable = "x", level = "all", rule = "math",
  type = "mean", freedom = "design", p = 0.05, ci_low = NA, ci_high = NA, se = NA, n = 6,
  estimate = as.numeric(svyquantile(~x, six, 0.05, ci = FALSE)$x)[1]))

# --- inequality, from the definitions ------------------------------------------------------
gini <- function(y, w) sum(outer(w, w) * abs(outer(y, y, "-"))) / (2 * sum(w) * sum(w * y))
lower <- function(y, w, p) min(y[sapply(y, function(x) sum(w[y <= x])) >= p * sum(w)])
line <- function(y, w, share, centre) share * if (centre == "median") lower(y, w, 0.5) else weighted.mean(y, w)
band <- function(y, w) 0.79 * (lower(y, w, 0.75) - lower(y, w, 0.25)) * (sum(w)^2 / sum(w^2))^(-1 / 5)
dens <- function(x, y, w) sum(w * dnorm((x - y) / band(y, w))) / (sum(w) * band(y, w))

z_gini <- function(y, w, inside) {
  z <- numeric(length(y)); yi <- y[inside]; wi <- w[inside]
  N <- sum(wi); Y <- sum(wi * yi); A <- as.vector(abs(outer(yi, yi, "-")) %*% wi)
  z[inside] <- 2 * A / (2 * N * Y) - gini(yi, wi) * (1 / N + yi / Y)
  z
}
z_rate <- function(y, w, whole, inside, share, centre) {
  z <- numeric(length(y)); yw <- y[whole]; ww <- w[whole]
  t <- line(yw, ww, share, centre); m <- t / share
  z[whole] <- share * if (centre == "median") -((yw <= m) - 0.5) / (sum(ww) * dens(m, yw, ww)) else
    (yw - m) / sum(ww)
  z <- z * dens(t, y[inside], w[inside])
  below <- y[inside] < t
  z[inside] <- z[inside] + (below - weighted.mean(below, w[inside])) / sum(w[inside])
  z
}
total_se <- function(d, z) { d$variables$z <- z; as.numeric(SE(svytotal(~z, d))) }

res <- list()
put <- function(measure, design, level, estimate, se) res[[length(res) + 1]] <<-
  data.frame(measure, design, level, estimate, se)
y <- rows$income; known <- !is.na(y); y0 <- ifelse(known, y, 0)
for (l in c("all", "a", "b", "c")) {
  inside <- known & (l == "all" | rows$g == l)
  rates <- list(rate = list(0.6, "median"), rate_mean = list(0.5, "mean"))
  value <- function(w, a) { t <- line(y0[known], w[known], a[[1]], a[[2]]); sum(w[inside & y0 < t]) / sum(w[inside]) }
  for (name in c("element", "clustered", "fpc_clustered")) {
    d <- linear[[name]]
    put("gini", name, l, gini(y0[inside], rows$w[inside]), total_se(d, z_gini(y0, rows$w, inside)))
    for (m in names(rates)) put(m, name, l, value(rows$w, rates[[m]]),
      total_se(d, z_rate(y0, rows$w, known, inside, rates[[m]][[1]], rates[[m]][[2]])))
  }
  for (name in c("jkn", "bootstrap")) {
    d <- replicated[[name]]
    g1 <- withReplicates(d, function(w, data) { k <- inside & w > 0; gini(y0[k], w[k]) })
    put("gini", name, l, as.numeric(g1), as.numeric(SE(g1)))
    for (m in names(rates)) {
      r1 <- withReplicates(d, function(w, data) value(w, rates[[m]]))
      put(m, name, l, as.numeric(r1), as.numeric(SE(r1)))
    }
  }
}
res <- do.call(rbind, res)

stamp <- function(x) {
  x$r <- as.character(getRversion()); x$survey <- as.character(packageVersion("survey"))
  for (c in intersect(c("estimate", "se", "ci_low", "ci_high"), names(x)))
    x[[c]] <- ifelse(is.na(x[[c]]), "", sprintf("%.15g", x[[c]]))
  x
}
write.csv(stamp(out), "quantile.csv", row.names = FALSE, quote = FALSE)
write.csv(stamp(res), "inequality.csv", row.names = FALSE, quote = FALSE)
