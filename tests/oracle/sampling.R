# Goldens of the precision expected before the field, made with R survey. Run: Rscript sampling.R in
# this folder. Writes sampling/plans.csv (strata, sizes, shares), sampling/expected.csv (what svymean
# says of an expanded sample) and sampling/enumerated.csv (what it says of every possible sample).
suppressPackageStartupMessages(library(survey))
options(digits = 15, survey.lonely.psu = "fail")
dir.create("sampling", showWarnings = FALSE)

# ---- plans: N by stratum; n, p; g: a domain that is a union of strata ---------------------------
local <- data.frame(plan = "local", stratum = sprintf("s%d", 1:8), g = rep(c("town", "other"), each = 4),
  N = c(31710, 2185, 998, 42, 1233, 21, 101, 18),                 # collectivites-ia, frame of 2024
  n = c(124, 28, 36, 12, 40, 13, 24, 12), p = c(0.05, 0.14, 0.54, 0.6, 0.57, 0.62, 0.5, 0.75))
census <- data.frame(plan = "census", stratum = c("s1", "s2", "s3"), g = c("a", "a", "b"),
  N = c(40, 12, 900), n = c(10, 12, 30), p = c(0.3, 0.9, 0.02))   # s2 is taken whole
two <- data.frame(plan = "two", stratum = c("s1", "s2"), g = c("a", "b"),
  N = c(5000000, 7), n = c(2, 2), p = c(0.5, 0.25))
plans <- rbind(local, census, two)

# A sample of n with mean p and with the variance N p (1 - p) / (N - 1) that strata of N units have.
expanded <- function(d) do.call(rbind, lapply(seq_len(nrow(d)), function(i) with(d[i, ], data.frame(
  stratum, g, N, w = N / n, y = p + sqrt(N * p * (1 - p) / (N - 1)) * as.vector(scale(seq_len(n)))))))
row <- function(plan, domain, design, df) {
  m <- svymean(~y, design)
  data.frame(plan, domain, p = unname(coef(m)), se = unname(as.vector(SE(m))), df,
    cv = as.vector(cv(m)), margin = unname((confint(m, df = df)[2] - confint(m, df = df)[1]) / 2))
}
told <- do.call(rbind, lapply(split(plans, plans$plan), function(d) {
  design <- svydesign(~1, strata = ~stratum, weights = ~w, fpc = ~N, data = expanded(d))
  df <- degf(design)
  rbind(row(d$plan[1], "all", design, df),
    do.call(rbind, lapply(unique(d$g), function(k) row(d$plan[1], k, subset(design, g == k), df))),
    do.call(rbind, lapply(d$stratum, function(k) row(d$plan[1], k, subset(design, stratum == k), df))))
}))

# ---- every sample of a small population -------------------------------------------------------
small <- data.frame(plan = "small", stratum = c("s1", "s2", "s3"), g = c("a", "a", "b"),
  N = c(5, 4, 6), n = c(2, 2, 3), p = c(2 / 5, 1 / 4, 3 / 6))
people <- data.frame(stratum = rep(small$stratum, small$N), g = rep(small$g, small$N),
  N = rep(small$N, small$N), y = c(1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0))
places <- lapply(1:3, function(i) combn(which(people$stratum == small$stratum[i]), small$n[i], simplify = FALSE))
every <- do.call(c, lapply(places[[1]], function(a) do.call(c, lapply(places[[2]], function(b)
  lapply(places[[3]], function(c) c(a, b, c))))))
seen <- vapply(every, function(s) {
  d <- svydesign(~1, strata = ~stratum, fpc = ~N, data = people[s, ])
  of <- function(m) c(coef(m), as.vector(vcov(m)))
  c(of(svymean(~y, d)), of(svymean(~y, subset(d, g == "a"))), of(svymean(~y, subset(d, g == "b"))))
}, numeric(6))
spread <- function(x) mean((x - mean(x))^2)
enumerated <- data.frame(plan = "small", domain = c("all", "a", "b"), samples = length(every),
  p = rowMeans(seen)[c(1, 3, 5)], variance = apply(seen, 1, spread)[c(1, 3, 5)],
  mean_of_variances = rowMeans(seen)[c(2, 4, 6)])

version <- data.frame(R = as.character(getRversion()), survey = as.character(packageVersion("survey")))
write.csv(rbind(plans, small), "sampling/plans.csv", row.names = FALSE)
write.csv(told, "sampling/expected.csv", row.names = FALSE)
write.csv(enumerated, "sampling/enumerated.csv", row.names = FALSE)
write.csv(version, "sampling/versions.csv", row.names = FALSE)
