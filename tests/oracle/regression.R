# Goldens for regression, margins and standardization, made with R survey. Run: Rscript regression.R
# in this folder. Writes regression/<data>.csv (what the models see) and regression/*_golden.csv.
suppressPackageStartupMessages({library(survey); library(numDeriv)})
options(digits = 15, survey.replicates.mse = TRUE, survey.lonely.psu = "fail", warn = -1)
data(api); data(nhanes)
set.seed(1815)
tight <- glm.control(epsilon = 1e-14, maxit = 60)   # R stops at 1e-8 of the deviance otherwise

# ---- data ------------------------------------------------------------------------------------
api_columns <- function(d, more) {
  out <- data.frame(d[more], stype = as.character(d$stype), api00 = d$api00, ell = d$ell,
    meals = d$meals, mobility = d$mobility, enroll = d$enroll, wide = as.integer(d$sch.wide == "Yes"),
    absent = abs(d$enroll - d$api.stu))
  out$mobility[sample(nrow(out), 12)] <- NA
  out
}
strat <- api_columns(apistrat, c("pw", "fpc"))
clus2 <- api_columns(apiclus2, c("dnum", "snum", "fpc1", "fpc2"))
nh <- with(nhanes, data.frame(psu = SDMVPSU, stratum = SDMVSTRA, w = WTMEC2YR, chol = HI_CHOL,
  race = race, age = as.integer(agecat), sex = RIAGENDR))
d_strat <- svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
d_plain <- svydesign(~1, strata = ~stype, weights = ~pw, data = strat)
d_clus2 <- svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2)
d_nh <- svydesign(~psu, strata = ~stratum, weights = ~w, nest = TRUE, data = nh)
r_jkn <- as.svrepdesign(d_plain, type = "JKn", mse = TRUE)
boot <- as.svrepdesign(d_plain, type = "bootstrap", replicates = 40, mse = TRUE)
reps <- round(weights(boot, "analysis"), 8)
r_boot <- svrepdesign(data = strat, weights = ~pw, repweights = reps, type = "bootstrap",
  combined.weights = TRUE, mse = TRUE, scale = 1 / 39, rscales = rep(1, 40))

# ---- models: coefficients, covariance, tests ------------------------------------------------------
fit <- function(formula, design, family) svyglm(formula, design, family = family, control = tight)
models <- list(
  strat_gaussian = fit(api00 ~ ell + meals + stype, d_strat, gaussian()),
  strat_missing = fit(api00 ~ mobility * stype + ell, d_strat, gaussian()),
  strat_slopes = fit(api00 ~ ell:stype + log(enroll), d_strat, gaussian()),
  strat_levels = fit(api00 ~ 0 + stype + sqrt(ell) + meals, d_strat, gaussian()),
  strat_logit = fit(wide ~ ell + meals * stype, d_strat, quasibinomial()),
  strat_domain = fit(wide ~ ell + stype, subset(d_strat, meals > 20), quasibinomial()),
  strat_probit = fit(wide ~ ell + meals, d_strat, quasibinomial("probit")),
  strat_cloglog = fit(wide ~ ell + meals, d_strat, quasibinomial("cloglog")),
  strat_poisson = fit(absent ~ log(enroll) + stype + meals, d_strat, quasipoisson()),
  clus2_gaussian = fit(api00 ~ ell + meals + mobility, d_clus2, gaussian()),
  clus2_logit = fit(wide ~ ell + meals, d_clus2, quasibinomial()),
  clus2_poisson = fit(absent ~ log(enroll) + meals, d_clus2, quasipoisson()),
  nhanes_logit = fit(chol ~ factor(age) + factor(race) * factor(sex), d_nh, quasibinomial()),
  nhanes_domain = fit(chol ~ factor(age) + factor(race), subset(d_nh, sex == 1 & age > 1), quasibinomial()),
  nhanes_poisson = fit(chol ~ age + I(age^2) + factor(race), d_nh, quasipoisson()),
  jkn_gaussian = fit(api00 ~ ell + meals + stype, r_jkn, gaussian()),
  jkn_logit = fit(wide ~ ell + meals, r_jkn, quasibinomial()),
  boot_logit = fit(wide ~ ell + meals, r_boot, quasibinomial()),
  boot_poisson = fit(absent ~ log(enroll) + stype + meals, r_boot, quasipoisson())
)
coefficients <- do.call(rbind, lapply(names(models), function(name) {
  m <- models[[name]]
  data.frame(model = name, term = names(coef(m)), estimate = coef(m), se = sqrt(diag(vcov(m))),
             df = m$df.residual, p = summary(m, df.resid = m$df.residual)$coefficients[, 4])
}))
covariances <- do.call(rbind, lapply(names(models), function(name) {
  v <- vcov(models[[name]])
  data.frame(model = name, i = as.vector(row(v)), j = as.vector(col(v)), covariance = as.vector(v))
}))
term_test <- function(name, term, ours) {
  t <- regTermTest(models[[name]], term)
  data.frame(model = name, terms = ours, f = as.numeric(t$Ftest), q = t$df, df = t$ddf, p = as.numeric(t$p))
}
tests <- rbind(
  term_test("strat_gaussian", ~stype, "stype"), term_test("strat_gaussian", ~ell + meals, "ell+meals"),
  term_test("strat_missing", ~mobility:stype, "stype:mobility"), term_test("strat_logit", ~meals:stype, "meals:stype"),
  term_test("nhanes_logit", ~factor(race):factor(sex), "race:sex"), term_test("nhanes_logit", ~factor(age), "C(age)"),
  term_test("clus2_poisson", ~meals, "meals"), term_test("jkn_gaussian", ~stype, "stype"))

# ---- margins: numeric derivatives, nothing of the toolkit's algebra ----------------------------------
quantity <- function(m, rows, w, change) function(beta) {      # mean over the rows of change(mu)
  mu <- function(data) m$family$linkinv(as.vector(
    model.matrix(delete.response(terms(m)), data, xlev = m$xlevels) %*% beta))
  change(mu, rows)
}
slope <- function(v) function(mu, rows) {                      # Richardson's central differences
  h <- 1e-2 * sd(rows[[v]])
  at <- function(k) { d <- rows; d[[v]] <- d[[v]] + k; mu(d) }
  d1 <- function(h) (at(h) - at(-h)) / (2 * h)
  a <- d1(h); b <- d1(h / 2); c <- d1(h / 4)
  ab <- (4 * b - a) / 3; bc <- (4 * c - b) / 3
  (16 * bc - ab) / 15
}
level <- function(v, to) function(mu, rows) { d <- rows; d[[v]] <- to; mu(d) }
jump <- function(v, to, from) function(mu, rows) level(v, to)(mu, rows) - level(v, from)(mu, rows)
margin <- function(name, kind, variable, category, change, fixed = list()) {
  m <- models[[name]]; design <- m$survey.design
  used <- names(fitted(m)); all <- design$variables
  rows <- all[used, ]; w <- weights(design, "sampling")[match(used, rownames(all))]
  for (v in names(fixed)) rows[[v]] <- fixed[[v]]
  q <- quantity(m, rows, w, change); beta <- coef(m); values <- q(beta)
  gradient <- grad(function(b) sum(w * q(b)) / sum(w), beta, method.args = list(r = 6, d = 1e-2))
  estimate <- sum(w * values) / sum(w)
  sampled <- NA
  if (!inherits(design, "svyrep.design")) {                    # variance of the total of the scores
    x <- model.matrix(m); eta <- as.vector(x %*% beta); mu <- m$family$linkinv(eta)
    rate <- m$family$mu.eta(eta); omega <- rate / m$family$variance(mu)
    bread <- crossprod(x, w * omega * rate * x)
    z <- (values - estimate) / sum(w) + as.vector((x * ((m$y - mu) * omega)) %*% solve(bread, gradient))
    full <- rep(0, nrow(all)); full[match(used, rownames(all))] <- z
    sampled <- as.numeric(SE(svytotal(full, design)))
  }
  data.frame(model = name, kind, variable, category, estimate,
             se_fixed = sqrt(as.numeric(t(gradient) %*% vcov(m) %*% gradient)), se_sampled = sampled,
             at = paste(names(fixed), unlist(fixed), sep = "=", collapse = ";"))
}
rep_margin <- function(name, variable, formula, family) {      # a fit of glm with each replicate weight
  d <- models[[name]]$survey.design
  theta <- function(w, data) {
    data$ww <- w / mean(w)
    g <- glm(formula, data = data, weights = ww, family = family, control = tight)
    sum(w * g$family$mu.eta(predict(g))) / sum(w) * coef(g)[[variable]]
  }
  v <- withReplicates(d, theta)
  data.frame(model = name, kind = "margins", variable, category = "", estimate = as.numeric(coef(v)),
             se_fixed = NA, se_sampled = as.numeric(SE(v)), at = "")
}
margins <- rbind(
  margin("strat_logit", "margins", "ell", "", slope("ell")),
  margin("strat_logit", "margins", "meals", "", slope("meals")),
  margin("strat_logit", "margins", "stype", "H", jump("stype", "H", "E")),
  margin("strat_logit", "margins", "stype", "M", jump("stype", "M", "E")),
  margin("strat_logit", "margins", "ell", "", slope("ell"), list(stype = "H", meals = 30)),
  margin("strat_domain", "margins", "stype", "M", jump("stype", "M", "E")),
  margin("strat_missing", "margins", "mobility", "", slope("mobility")),
  margin("strat_probit", "margins", "meals", "", slope("meals")),
  margin("strat_cloglog", "margins", "meals", "", slope("meals")),
  margin("strat_poisson", "margins", "enroll", "", slope("enroll")),
  margin("strat_poisson", "margins", "stype", "H", jump("stype", "H", "E")),
  margin("clus2_logit", "margins", "ell", "", slope("ell")),
  margin("nhanes_poisson", "margins", "age", "", slope("age")),
  margin("nhanes_logit", "margins", "race", "2", jump("race", 2, 1)),
  margin("nhanes_logit", "adjusted", "race", "1", level("race", 1)),
  margin("nhanes_logit", "adjusted", "race", "3", level("race", 3)),
  margin("nhanes_logit", "adjusted", "age", "4", level("age", 4), list(sex = 2)),
  margin("strat_gaussian", "adjusted", "stype", "M", level("stype", "M")),
  margin("jkn_logit", "margins", "meals", "", slope("meals")),
  rep_margin("jkn_logit", "meals", wide ~ ell + meals, quasibinomial()),
  rep_margin("boot_logit", "ell", wide ~ ell + meals, quasibinomial()))
m <- svyglm(chol ~ factor(age) + factor(sex), d_nh, family = quasibinomial(), control = tight)
p <- svypredmeans(m, ~factor(race))                            # survey's own; its variance: see the method page
predictive <- data.frame(category = names(coef(p)), estimate = as.numeric(coef(p)), se = as.numeric(SE(p)))

# ---- direct standardization -------------------------------------------------------------------------
ages <- c(55901, 77670, 72816, 45364)
standardized <- function(by, level, over, population) {
  s <- svystandardize(d_nh, by = over, over = by, population = population, excluding.missing = ~chol)
  b <- svyby(~chol, by, svymean, na.rm = TRUE, design = s)
  data.frame(by = paste(all.vars(by), collapse = "+"), over = paste(all.vars(over), collapse = "+"),
             group = do.call(paste, c(lapply(all.vars(by), function(v) b[[v]]), sep = "+")),
             estimate = b$chol, se = as.numeric(SE(b)))
}
both <- as.vector(outer(ages, c(0.49, 0.51)))
standards <- rbind(standardized(~race, 1, ~age, ages), standardized(~race + sex, 1, ~age, ages),
                   standardized(~race, 1, ~age + sex, both))
cells <- function(r) {                                         # a difference, by its covariance
  e <- svyby(~chol, ~race + age, svymean, design = subset(d_nh, !is.na(chol)), covmat = TRUE)
  p <- ages / sum(ages)
  k <- ifelse(e$race == r, p[e$age], ifelse(e$race == 1, -p[e$age], 0))
  data.frame(group = r, estimate = sum(k * coef(e)), se = sqrt(as.numeric(t(k) %*% vcov(e) %*% k)))
}
differences <- do.call(rbind, lapply(2:4, cells))

# ---- files -------------------------------------------------------------------------------------------
say <- function(d, name) {
  made <- c(r = as.character(getRversion()), survey = as.character(packageVersion("survey")))
  for (v in names(d)) if (is.double(d[[v]])) d[[v]] <- ifelse(is.na(d[[v]]), "", sprintf("%.15g", d[[v]]))
  d$r <- made[["r"]]; d$survey <- made[["survey"]]
  write.csv(d, file.path("regression", paste0(name, "_golden.csv")), row.names = FALSE, quote = FALSE)
}
say(coefficients, "coefficients"); say(covariances, "covariances"); say(tests, "tests")
say(margins, "margins"); say(predictive, "predictive"); say(standards, "standards"); say(differences, "differences")
colnames(reps) <- sprintf("b%02d", seq_len(ncol(reps)))
write.csv(cbind(strat, reps), "regression/strat.csv", row.names = FALSE, na = "", quote = FALSE)
write.csv(clus2, "regression/clus2.csv", row.names = FALSE, na = "", quote = FALSE)
write.csv(nh, "regression/nhanes.csv", row.names = FALSE, na = "", quote = FALSE)
