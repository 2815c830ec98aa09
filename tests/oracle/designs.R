# Goldens of the matrix estimator x design x domain x replication x lonely rule, made with R
# survey. Run: Rscript designs.R in this folder. Writes designs/<data>.csv (what the design holds),
# designs.csv (estimates), intervals.csv (proportions' intervals).
suppressPackageStartupMessages(library(survey))
options(digits = 15, survey.replicates.mse = TRUE, survey.lonely.psu = "fail", warn = -1)
data(api); data(nhanes); data(scd); data(fpc); data(mu284); data(election); data(hospital)
set.seed(1789)

# ---- data: the columns used, with a group g, a domain keep, numbers y and x, a yes/no a --------
api_columns <- function(d, more) data.frame(d[more], g = d$stype, keep = as.integer(d$meals > 40),
  y = d$api00, x = d$enroll, z = d$api.stu, a = d$sch.wide)
generated <- function(n_strata, psus, lonely) {
  out <- list()
  for (h in seq_len(n_strata)) for (i in seq_len(if (h <= lonely) 1 else psus())) for (k in c("u", "v")) {
    for (j in seq_len(sample(2:3, 1))) out[[length(out) + 1]] <- data.frame(
      h = sprintf("h%02d", h), psu = i, k = k, ssu = j, person = seq_len(sample(1:3, 1)))
  }
  d <- do.call(rbind, out)
  cell <- interaction(d$h, d$psu, d$k, drop = TRUE)
  d$N1 <- ave(d$psu, d$h, FUN = function(v) length(unique(v))) + 3 + as.integer(factor(d$h)) %% 4
  d$N2 <- ave(d$ssu, cell, FUN = function(v) length(unique(v))) + as.integer(cell) %% 3
  d$w <- round(exp(rnorm(nrow(d), 2, 0.4)), 5)
  d$g <- sample(c("north", "south", "west"), nrow(d), TRUE, c(5, 3, 1))
  d$keep <- rbinom(nrow(d), 1, 0.6)
  shift <- rnorm(200)[as.integer(factor(paste(d$h, d$psu)))]
  d$y <- round(rnorm(nrow(d), 50 + 4 * shift, 9), 3)
  d$x <- round(rgamma(nrow(d), 3, 0.2), 3)
  d$z <- round(0.6 * d$x + rnorm(nrow(d), 2), 3)
  d$a <- ifelse(runif(nrow(d)) < plogis(-0.6 + shift), "yes", "no")
  for (v in c("y", "z", "a")) d[[v]][sample(nrow(d), round(nrow(d) / 12))] <- NA
  d
}
random <- generated(6, function() sample(2:5, 1), 0)
lonely <- generated(8, function() sample(2:4, 1), 2)
lonely$N1[lonely$h == "h08"] <- length(unique(lonely$psu[lonely$h == "h08"]))   # a census stratum
alone <- lonely[!(lonely$h %in% c("h03", "h05") & lonely$psu == 1 & lonely$k == "u" & lonely$ssu > 1), ]
pairs <- generated(7, function() 2, 0)
strat <- api_columns(apistrat, c("pw", "fpc", "stype"))
clus1 <- api_columns(apiclus1, c("dnum", "pw", "fpc"))
clus2 <- api_columns(apiclus2, c("dnum", "snum", "fpc1", "fpc2"))
srs <- api_columns(apisrs, c("pw", "fpc"))
nh <- with(nhanes, data.frame(SDMVPSU, SDMVSTRA, WTMEC2YR, g = race,
  keep = as.integer(RIAGENDR == 2), y = HI_CHOL, x = 1 + RIAGENDR, z = RIAGENDR,
  a = ifelse(is.na(HI_CHOL), NA, ifelse(HI_CHOL == 1, "yes", "no"))))
half <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1), c(0, 1, 0, 1, 1, 0))
scd2 <- data.frame(w = 1, setNames(as.data.frame(half), paste0("r", 1:4)), ESA = scd$ESA,
  ambulance = scd$ambulance, y = scd$arrests, x = scd$arrests, z = scd$alive)
fp <- with(fpc, data.frame(stratid, psuid, weight, Nh, y = x, x = 1 + psuid, z = x))
mu <- with(mu284, data.frame(id1, n1, id2, n2, y = y1, x = id2 + 1, z = y1))
vote <- with(election_pps, data.frame(p, wt, S = sum(election$p^2), y = Bush, x = votes, z = Kerry,
  g = ifelse(votes > 200000, "large", "small")))
hosp <- with(hospital, data.frame(hospno, oblevel, weighta, tothosp, y = births, x = births, z = births * weighta))
twopps <- random[random$h %in% c("h01", "h02", "h03"), ]            # first stage PPS, second equal
twopps$p <- with(twopps, 0.15 + 0.1 * psu + 0.02 * as.integer(factor(h)))
twopps$f2 <- with(twopps, ave(ssu, h, psu, k, FUN = function(v) length(unique(v))) / N2)
twopps$w <- NULL
hosp$levels <- 5

# ---- designs -----------------------------------------------------------------------------------
rep_names <- function(k, n) paste0(k, seq_len(n))
stages <- svydesign(id = ~psu, strata = ~h, weights = ~w, data = pairs, nest = TRUE)
made <- list(brr = as.svrepdesign(stages, "BRR"), fay = as.svrepdesign(stages, "Fay", fay.rho = 0.3),
  jkn = as.svrepdesign(stages, "JKn"), bootstrap = as.svrepdesign(stages, "bootstrap", replicates = 30))
for (k in names(made)) {
  w <- weights(made[[k]], "analysis")
  pairs[rep_names(k, ncol(w))] <- as.data.frame(w)
}
pairs[rep_names("sdr", 24)] <- pairs$w * (1 + 2^-1.5 * sample(c(-2, 0, 2), 24 * nrow(pairs), TRUE) * 0.99)
jk1 <- as.svrepdesign(svydesign(id = ~dnum, weights = ~pw, data = clus1), "JK1")
clus1[rep_names("r", 15)] <- as.data.frame(weights(jk1, "analysis"))
given <- function(k, type, ...) svrepdesign(data = pairs, weights = ~w,
  repweights = pairs[grep(paste0("^", k, "[0-9]"), names(pairs))], type = type, ...)
rscales <- made$jkn$rscales

designs <- function() list(
  strat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  strat_wr = svydesign(~1, strata = ~stype, weights = ~pw, data = strat),
  clus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  clus2 = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2),
  srs = svydesign(~1, weights = ~pw, fpc = ~fpc, data = srs),
  nhanes = svydesign(~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nh),
  fpc = svydesign(~psuid, strata = ~stratid, weights = ~weight, fpc = ~Nh, nest = TRUE, data = fp),
  mu284 = svydesign(~id1 + id2, fpc = ~n1 + n2, data = mu),
  hospital = svydesign(~1, strata = ~oblevel, weights = ~weighta, fpc = ~tothosp, data = hosp),
  hospital_two = svydesign(~oblevel + hospno, fpc = ~levels + tothosp, data = hosp, weights = ~weighta),
  random_wr = svydesign(~psu, strata = ~h, weights = ~w, nest = TRUE, data = random),
  random_fpc = svydesign(~psu, strata = ~h, weights = ~w, fpc = ~N1, nest = TRUE, data = random),
  random_two = svydesign(~psu + ssu, strata = ~h + k, weights = ~w, fpc = ~N1 + N2, nest = TRUE, data = random),
  random_free = svydesign(~psu + ssu, strata = ~h + k, fpc = ~N1 + N2, nest = TRUE, data = random),
  election_wr = svydesign(~1, weights = ~wt, data = vote),
  election_brewer = svydesign(~1, fpc = ~p, data = vote, pps = "brewer"),
  election_hr = svydesign(~1, fpc = ~p, data = vote, pps = HR(), variance = "YG"),
  election_hr_known = svydesign(~1, fpc = ~p, data = vote, pps = HR(vote$S[1] / 40), variance = "YG"),
  pps_two = svydesign(~psu + ssu, strata = ~h + k, fpc = ~p + f2, data = twopps, nest = TRUE, pps = "brewer"),
  scd_brr = svrepdesign(data = scd2, repweights = scd2[paste0("r", 1:4)], weights = ~w, type = "BRR"),
  clus1_jk1 = svrepdesign(data = clus1, repweights = clus1[rep_names("r", 15)], weights = ~pw, type = "JK1"),
  pairs_brr = given("brr", "BRR"), pairs_fay = given("fay", "Fay", rho = 0.3),
  pairs_jkn = given("jkn", "JKn", scale = 1, rscales = rscales),
  pairs_bootstrap = given("bootstrap", "bootstrap"), pairs_sdr = given("sdr", "successive-difference"))
lonely_designs <- function() list(
  lonely_wr = svydesign(~psu, strata = ~h, weights = ~w, nest = TRUE, data = lonely),
  lonely_fpc = svydesign(~psu, strata = ~h, weights = ~w, fpc = ~N1, nest = TRUE, data = lonely),
  lonely_two = svydesign(~psu + ssu, strata = ~h + k, weights = ~w, fpc = ~N1 + N2, nest = TRUE, data = alone))

# ---- what R says -------------------------------------------------------------------------------
domains <- function(d) {
  out <- list(all = rep(TRUE, nrow(d)))
  if (!is.null(d[["g"]])) for (l in sort(unique(as.character(d[["g"]])))) out[[paste0("g:", l)]] <- as.character(d[["g"]]) == l
  if (!is.null(d[["keep"]])) out[["where"]] <- d[["keep"]] == 1
  out
}
row <- function(estimator, variable, category, part, m, n, deffs = c(NA, NA)) data.frame(estimator, variable,
  category, estimate = as.numeric(coef(m))[1], se = as.numeric(SE(m))[1], deff_wr = deffs[1],
  deff_wor = deffs[2], df_domain = degf(part), n = n)
both <- function(f, part) c(as.numeric(deff(svymean(f, part, deff = "replace"))),
                            as.numeric(deff(svymean(f, part, deff = TRUE))))
estimates <- function(name, design, lonely) {
  d <- design$variables
  replicate <- inherits(design, "svyrep.design")
  do.call(rbind, lapply(names(domains(d)), function(domain) {
    inside <- domains(d)[[domain]]
    if (domain != "all" && !any(inside)) return(NULL)
    rows <- list()
    for (v in c("y", "z")) {
      known <- inside & !is.na(d[[v]])     # pps designs keep the rows outside, at weight 0
      part <- subset(update(design, y = ifelse(is.na(y), 0, y), z = ifelse(is.na(z), 0, z)), known)
      n <- sum(known)
      f <- as.formula(paste0("~", v))
      rows[[length(rows) + 1]] <- row("mean", v, "", part, svymean(f, part), n,
        if (replicate || grepl("election|pps", name)) c(NA, NA) else both(f, part))
      rows[[length(rows) + 1]] <- row("total", v, "", part, svytotal(f, part), n)
    }
    known <- inside & !is.na(d$z) & !is.na(d$x)
    part <- subset(update(design, z = ifelse(is.na(z), 0, z)), known)
    rows[[length(rows) + 1]] <- row("ratio", "z/x", "", part, svyratio(~z, ~x, part), sum(known))
    if (!is.null(d[["a"]])) {
      known <- inside & !is.na(d[["a"]])
      part <- subset(update(design, a = ifelse(is.na(a), "", as.character(a))), known)
      for (l in sort(unique(as.character(d[["a"]][!is.na(d[["a"]])])))) {
        part <- update(part, yes = as.numeric(a == l))
        rows[[length(rows) + 1]] <- row("proportion", "a", l, part, svymean(~yes, part), sum(known))
      }
    }
    cbind(design = name, lonely, domain, do.call(rbind, rows), df = degf(design))
  }))
}
intervals <- function(name, design) {
  d <- design$variables
  kinds <- c("xlogit", "asin", "beta", "mean", if (!inherits(design, "svyrep.design")) "logit")
  last <- sort(unique(as.character(d[["a"]][!is.na(d[["a"]])])))[2]
  do.call(rbind, lapply(c("all", "where"), function(domain) {
    part <- update(subset(design, domains(d)[[domain]] & !is.na(d[["a"]])), yes = as.numeric(a == last))
    grid <- expand.grid(kind = kinds, df = c("design", "domain"), level = c(0.95, 0.9), stringsAsFactors = FALSE)
    do.call(rbind, lapply(seq_len(nrow(grid)), function(i) {
      df <- degf(if (grid$df[i] == "design") design else part)
      ci <- attr(svyciprop(~yes, part, method = grid$kind[i], level = grid$level[i], df = df), "ci")
      data.frame(design = name, domain, category = last, grid[i, ], ci_low = ci[1], ci_high = ci[2])
    }))
  }))
}
stamp <- function(d) { d$r <- as.character(getRversion()); d$survey <- as.character(packageVersion("survey")); d }
save <- function(d, file) {
  for (c in names(d)) if (is.double(d[[c]]) && any(d[[c]] != round(d[[c]]), na.rm = TRUE))
    d[[c]] <- ifelse(is.na(d[[c]]), NA, sprintf("%.15g", d[[c]]))
  write.csv(d, file, row.names = FALSE, quote = FALSE, na = "")
}
tables <- list(strat = strat, clus1 = clus1, clus2 = clus2, srs = srs, nhanes = nh, scd = scd2, fpc = fp,
               mu284 = mu, election = vote, hospital = hosp, random = random, lonely = lonely, alone = alone, pairs = pairs,
               twopps = twopps, rscales = data.frame(rscales))
tables$nhanes <- nh[c("SDMVPSU", "SDMVSTRA", "WTMEC2YR", "g", "keep", "y")]    # x, z, a follow
for (t in names(tables)) save(tables[[t]], file.path("designs", paste0(t, ".csv")))
all <- designs()
out <- do.call(rbind, lapply(names(all), function(d) estimates(d, all[[d]], "fail")))
for (rule in c("certainty", "adjust", "average")) {
  options(survey.lonely.psu = rule)
  some <- lonely_designs()
  if (rule == "average") some$lonely_two <- NULL    # refused by ours at the second stage
  out <- rbind(out, do.call(rbind, lapply(names(some), function(d) estimates(d, some[[d]], rule))))
}
options(survey.lonely.psu = "fail")
save(stamp(out), "designs.csv")
kinds <- c("strat", "clus2", "random_two", "nhanes", "clus1_jk1")
save(stamp(do.call(rbind, lapply(kinds, function(d) intervals(d, all[[d]])))), "intervals.csv")
