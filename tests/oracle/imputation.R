# Goldens for Rubin's rules, made with R mitools. Run: Rscript imputation.R in this folder, after
# regression.R. Writes imputation.csv: m analyses of completed files, and what MIcombine says.
# Degrees of freedom: `df_mitools` is MIcombine's; `df` is Barnard and Rubin (1999, eq. 3 to 5) as
# printed, whose gamma is (1 + 1/m) B / T (MIcombine leaves out the 1 + 1/m in the observed part).
suppressPackageStartupMessages({library(survey); library(mitools)})
options(digits = 15)
set.seed(1987)
nh <- read.csv("regression/nhanes.csv")
nh <- nh[nh$race %in% c(1, 2), ]
gap <- is.na(nh$chol)
m <- 5
made <- lapply(seq_len(m), function(j) {           # a draw from the share of the age class
  d <- nh; share <- tapply(d$chol, d$age, mean, na.rm = TRUE)
  d$chol[gap] <- rbinom(sum(gap), 1, share[d$age[gap]] + runif(1, 0, 0.05)); d
})
designs <- lapply(made, function(d) svydesign(~psu, strata = ~stratum, weights = ~w, nest = TRUE, data = d))
means <- lapply(designs, function(d) svyby(~chol, ~race, svymean, design = d, covmat = TRUE))
fits <- lapply(designs, function(d) svyglm(chol ~ factor(age) + factor(race), d, family = quasibinomial(),
                                          control = glm.control(epsilon = 1e-14)))
digits <- function(x) sprintf("%.15g", x)
out <- function(kind, list, df) {
  q <- lapply(list, coef); u <- lapply(list, vcov)
  c <- MIcombine(q, u, df.complete = df)
  B <- apply(do.call(rbind, q), 2, var); U <- Reduce(`+`, lapply(u, diag)) / m
  gamma <- (1 + 1 / m) * B / (U + (1 + 1 / m) * B)
  nu_m <- (m - 1) / gamma^2
  nu_obs <- (df + 1) / (df + 3) * df * (1 - gamma)
  nu <- if (is.finite(df)) 1 / (1 / nu_m + 1 / nu_obs) else nu_m
  reach <- qt(0.975, nu) * sqrt(diag(vcov(c)))
  data.frame(kind, df_complete = if (is.finite(df)) df else NA, cell = seq_along(coef(c)), estimate = digits(coef(c)),
             se = digits(sqrt(diag(vcov(c)))), df = digits(nu), df_mitools = digits(c$df),
             ci_low = digits(coef(c) - reach), ci_high = digits(coef(c) + reach))
}
golden <- rbind(out("mean", means, degf(designs[[1]])), out("mean", means, Inf),
                out("logit", fits, fits[[1]]$df.residual))
golden$r <- as.character(getRversion()); golden$mitools <- as.character(packageVersion("mitools"))
write.csv(golden, "imputation.csv", row.names = FALSE, quote = FALSE, na = "")
draws <- sapply(made, function(d) d$chol[gap])
colnames(draws) <- sprintf("m%d", seq_len(m))
write.csv(cbind(row = which(gap), draws), "imputation_draws.csv", row.names = FALSE, quote = FALSE)
V <- do.call(rbind, lapply(seq_len(m), function(j) data.frame(imputation = j, i = as.vector(row(vcov(fits[[j]]))),
  j = as.vector(col(vcov(fits[[j]]))), covariance = digits(as.vector(vcov(fits[[j]]))),
  estimate = digits(coef(fits[[j]])[as.vector(row(vcov(fits[[j]])))]))))
write.csv(V, "imputation_analyses.csv", row.names = FALSE, quote = FALSE)
tv <- vcov(MIcombine(lapply(fits, coef), lapply(fits, vcov)))
write.csv(data.frame(i = as.vector(row(tv)), j = as.vector(col(tv)), covariance = digits(as.vector(tv))),
          "imputation_covariance.csv", row.names = FALSE, quote = FALSE)
