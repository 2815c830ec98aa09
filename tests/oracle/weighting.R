# Goldens of calibration, raking and post-stratification, made with R survey. Run:
# Rscript weighting.R in this folder. Writes weighting/<data>.csv (what the designs hold),
# weighting/margins.csv, weighting/cases.csv, and what R says of them: weighting/weights_<data>.csv
# and weighting/estimates.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 15, survey.replicates.mse = TRUE, survey.lonely.psu = "fail")
set.seed(1992)
data(api)

# ---- data --------------------------------------------------------------------------------------
schools <- function(d, more) data.frame(d[more], stype = as.character(d$stype),
  wide = as.character(d$sch.wide), awards = as.character(d$awards), api99 = d$api99, api00 = d$api00,
  students = d$api.stu, meals = d$meals, ell = replace(d$ell, seq(4, nrow(d), 9), NA),
  keep = as.integer(d$meals > 35))
strat <- schools(apistrat, c("pw", "fpc"))
clus1 <- schools(apiclus1, c("dnum", "pw", "fpc"))
pop <- schools(apipop, character())

n_hh <- 260                                                  # households of 1 to 4, in 48 PSUs
hh <- data.frame(hh = seq_len(n_hh), psu = sort(rep(1:48, length.out = n_hh)),
  size = sample(1:4, n_hh, TRUE, c(4, 4, 2, 1)), tenure = sample(c("own", "rent", "free"), n_hh, TRUE, c(6, 4, 1)))
hh$h <- sprintf("h%d", (hh$psu - 1) %/% 8 + 1)
hh$n_psu <- c(h1 = 40, h2 = 25, h3 = 80, h4 = 31, h5 = 60, h6 = 22)[hh$h]
hh$w <- round(exp(rnorm(n_hh, 4, 0.4)), 6)
people <- hh[rep(seq_len(n_hh), hh$size), ]
n <- nrow(people)
shift <- rnorm(48)[people$psu]
people$sex <- sample(c("F", "M"), n, TRUE)
people$age <- sample(c("18-39", "40-64", "65+"), n, TRUE, c(4, 4, 3))
people$region <- sample(c("E", "N", "S", "W"), n, TRUE, c(4, 3, 2, 2))
people$income <- round(rgamma(n, 3, 3 / (1500 + 400 * (people$sex == "M") + 300 * shift^2)), 2)
people$hours <- round(20 + 4 * shift + 8 * (people$age == "18-39") + rnorm(n, 0, 6), 3)
people$hours[seq(7, n, 17)] <- NA
people$uses <- ifelse(runif(n) < plogis(0.5 + shift - 1.2 * (people$age == "65+")), "yes", "no")
people$keep <- as.integer(runif(n) < 0.6)
for (k in unique(people$tenure)) people[[paste0("t_", k)]] <- (people$tenure == k) / people$size
rownames(people) <- NULL

# Totals of a population that looks like the sample, with other weights: they agree by construction.
lean <- with(people, w * (1 + 0.25 * (sex == "F") - 0.2 * (age == "65+") + 0.15 * (region == "N") +
  0.3 * (hh %% 3 == 0) - 0.15 * (income > 2000)))
lean_hh <- ave(lean, people$hh)                              # one weight a household

# ---- margins: sets of columns, each crossed or single, and numbers ---------------------------------
sets <- list(
  schools_wide = list(data = "pop", columns = list("wide")),
  schools_type = list(data = "pop", columns = list("stype")),
  schools_two = list(data = "pop", columns = list("stype", "wide")),
  schools_three = list(data = "pop", columns = list("stype", "wide", "awards")),
  schools_crossed = list(data = "pop", columns = list(c("stype", "wide"))),
  schools_number = list(data = "pop", columns = list("stype", "students")),
  schools_numbers = list(data = "pop", columns = list("stype", "students", "api99")),
  schools_alone = list(data = "pop", columns = list("api99")),
  people_one = list(data = "lean", columns = list("age")),
  people_three = list(data = "lean", columns = list("sex", "age", "region")),
  people_crossed = list(data = "lean", columns = list(c("sex", "age"))),
  people_mixed = list(data = "lean", columns = list(c("sex", "age"), "region", "income")),
  people_units = list(data = "lean_hh", columns = list("sex", "age")),
  people_both = list(data = "lean_hh", columns = list("sex", "age"), units = "tenure")
)
source_of <- function(set) if (set$data == "pop") pop else people
weight_of <- function(set) switch(set$data, pop = rep(1, nrow(pop)), lean = lean, lean_hh = lean_hh)
margin_rows <- function(name) {
  set <- sets[[name]]; d <- source_of(set); w <- weight_of(set)
  one <- function(cols, unit) {
    v <- w / if (unit) d$size else 1
    if (is.numeric(d[[cols[1]]])) {
      return(data.frame(set = name, columns = cols, unit, category = "", target = sum(v * d[[cols]])))
    }
    t <- tapply(v, do.call(paste, c(unname(d[cols]), sep = "|")), sum)
    data.frame(set = name, columns = paste(cols, collapse = "|"), unit, category = names(t), target = as.vector(t))
  }
  do.call(rbind, c(lapply(set$columns, one, unit = FALSE), lapply(set$units, one, unit = TRUE)))
}
formula_of <- function(name) {
  set <- sets[[name]]
  if (name == "schools_alone") return(~api99 - 1)
  units <- if (!is.null(set$units)) paste0("t_", sort(unique(people[[set$units]])))
  as.formula(paste("~", paste(c(sapply(set$columns, paste, collapse = "*"), units), collapse = "+")))
}
totals_of <- function(name) {
  set <- sets[[name]]
  mm <- model.matrix(formula_of(name), source_of(set))
  colSums(mm * weight_of(set))
}
table_of <- function(name, k = 1) {
  set <- sets[[name]]; cols <- set$columns[[k]]; d <- source_of(set); d$.w <- weight_of(set)
  xtabs(as.formula(paste(".w ~", paste(cols, collapse = "+"))), d)
}
by_formula <- function(cols) as.formula(paste("~", paste(cols, collapse = "+")))

# ---- designs -----------------------------------------------------------------------------------
designs <- list(
  strat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  clus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  people = svydesign(~psu, strata = ~h, weights = ~w, fpc = ~n_psu, data = people),
  people_wr = svydesign(~psu + hh, strata = ~h, weights = ~w, data = people),
  people_hh = svydesign(~hh, weights = ~w, data = people)
)
replicated <- list(
  clus1_jk1 = as.svrepdesign(svydesign(~dnum, weights = ~pw, data = clus1), "JK1"),
  strat_jkn = as.svrepdesign(designs$strat, "JKn"),
  people_jkn = as.svrepdesign(designs$people, "JKn"),
  people_boot = as.svrepdesign(svydesign(~psu, strata = ~h, weights = ~w, data = people), "subbootstrap", replicates = 40)
)
data_of <- c(strat = "strat", clus1 = "clus1", people = "people", people_wr = "people", people_hh = "people",
  clus1_jk1 = "clus1", strat_jkn = "strat", people_jkn = "people", people_boot = "people")
for (k in names(replicated)) {
  d <- replicated[[k]]; reps <- weights(d, "analysis")
  if (k == "people_boot") {                                     # drawn: what is written is what R calibrates
    reps <- round(reps, 9)
    people[paste0("boot", seq_len(ncol(reps)))] <- as.data.frame(reps)
  }
  designs[[k]] <- svrepdesign(data = if (data_of[k] == "people") people else get(data_of[k]),
    weights = if (data_of[k] == "people") ~w else ~pw, repweights = reps, type = "other",
    combined.weights = TRUE, scale = d$scale, rscales = d$rscales, mse = TRUE)
}
files <- list(strat = strat, clus1 = clus1, people = people)

# ---- cases -------------------------------------------------------------------------------------
tight <- 1e-12
ratio_of <- function(d, base) weights(d, "sampling") / weights(base, "sampling")
calibrated <- function(design, set, method, bounds, unit) {
  base <- designs[[design]]; replicate <- inherits(base, "svyrep.design")
  more <- if (replicate) list(compress = FALSE) else list()     # its default, NA, stops on these weights
  if (unit != "") more <- c(more, if (replicate) list(aggregate.index = ~hh) else list(aggregate.stage = ncol(base$cluster)))
  fun <- c(linear = "linear", truncated_linear = "linear", raking = "raking", logit = "logit")[[method]]
  do.call(calibrate, c(list(base, formula_of(set), totals_of(set), calfun = fun, bounds = bounds,
    epsilon = tight, maxit = 200, force = FALSE), more))
}
free <- c(-Inf, Inf)
# Bounds that hold some ratios back. R takes whole steps of Newton and may not arrive where weights
# exist: it is then asked for wider ones.
pinched <- function(design, set, method, unit) {
  g <- ratio_of(calibrated(design, set, "raking", free, unit), designs[[design]])
  inner <- function(k) c(floor(1000 * (min(g) + k * (1 - min(g)))), ceiling(1000 * (max(g) - k * (max(g) - 1)))) / 1000
  for (b in c(lapply(c(0.35, 0.25, 0.15, 0.08, 0.02), inner), list(c(0.4, 3)))) {
    arrives <- tryCatch({ calibrated(design, set, method, b, unit); TRUE }, error = function(e) FALSE,
      warning = function(w) FALSE)                              # of a replicate, which R would keep as it is
    if (arrives) return(b)
  }
  stop("no bounds for ", design, " ", set, " ", method)
}
case <- function(design, set, method, how = "calibrate", bounds = free, unit = "") data.frame(
  case = paste(design, set, if (all(is.infinite(bounds))) how else "bounded", method, sep = "."), design,
  set, method, how, low = bounds[1], high = bounds[2], unit)
family <- function(design, set, unit = "", bounded = TRUE) {
  free_ones <- rbind(case(design, set, "linear", unit = unit), case(design, set, "raking", unit = unit))
  if (!bounded) return(free_ones)
  bounded_one <- function(m) case(design, set, m, bounds = pinched(design, set, m, unit), unit = unit)
  rbind(free_ones, do.call(rbind, lapply(c("truncated_linear", "raking", "logit"), bounded_one)))
}
cases <- rbind(
  family("strat", "schools_two"), family("strat", "schools_three"), family("strat", "schools_number"),
  family("strat", "schools_numbers", bounded = FALSE), family("strat", "schools_alone", bounded = FALSE),
  family("clus1", "schools_two"), family("clus1", "schools_number"), family("clus1", "schools_numbers"),
  family("people", "people_three"), family("people", "people_mixed"),
  family("people_wr", "people_units", "hh"), family("people_wr", "people_both", "hh"),
  family("people_hh", "people_units", "hh", FALSE), family("people_hh", "people_both", "hh"),
  family("clus1_jk1", "schools_two", bounded = FALSE), family("clus1_jk1", "schools_number", bounded = FALSE),
  family("strat_jkn", "schools_number"), family("people_jkn", "people_three"),
  family("people_jkn", "people_both", "hh", FALSE), family("people_boot", "people_mixed"),
  case("strat", "schools_wide", "poststratification", "postStratify"),
  case("strat", "schools_crossed", "poststratification", "postStratify"),
  case("clus1", "schools_type", "poststratification", "postStratify"),
  case("people", "people_one", "poststratification", "postStratify"),
  case("people", "people_crossed", "poststratification", "postStratify"),
  case("people_boot", "people_crossed", "poststratification", "postStratify"),
  case("clus1_jk1", "schools_type", "poststratification", "postStratify"),
  case("strat", "schools_three", "raking", "rake"), case("clus1", "schools_two", "raking", "rake"),
  case("people", "people_three", "raking", "rake"), case("people_jkn", "people_three", "raking", "rake"),
  case("people_boot", "people_three", "raking", "rake"))

made <- function(case) {
  base <- designs[[case$design]]; set <- sets[[case$set]]
  if (case$how == "calibrate") return(calibrated(case$design, case$set, case$method, c(case$low, case$high), case$unit))
  if (case$how == "postStratify") return(postStratify(base, by_formula(set$columns[[1]]), table_of(case$set)))
  # epsilon below 1 is a fraction of the total of the weights
  rake(base, lapply(set$columns, by_formula), lapply(seq_along(set$columns), function(k) table_of(case$set, k)),
    control = list(maxit = 500, epsilon = 1e-14))
}

# ---- estimates ---------------------------------------------------------------------------------
SCHOOLS <- list(mean = c("api00", "ell"), total = c("students", "ell"), ratio = list(c("api00", "api99"), c("ell", "meals")),
  proportion = "awards", by = "stype", model = api00 ~ ell + meals + stype, logistic = I(awards == "Yes") ~ ell + meals)
PEOPLE <- list(mean = c("hours", "income"), total = c("hours", "income"), ratio = list(c("hours", "income")),
  proportion = "uses", by = "region", model = hours ~ sex + age + income, logistic = I(uses == "yes") ~ age + sex)
row_of <- function(estimator, variable, domain, m) data.frame(estimator, variable, domain,
  estimate = as.numeric(coef(m))[1], se = as.numeric(SE(m))[1])
of_domain <- function(d, plan, domain) {                        # a calibrated design keeps all its rows
  out <- c(
    lapply(plan$mean, function(v) row_of("mean", v, domain, svymean(by_formula(v), d, na.rm = TRUE))),
    lapply(plan$total, function(v) row_of("total", v, domain, svytotal(by_formula(v), d, na.rm = TRUE))),
    lapply(plan$ratio, function(p) row_of("ratio", paste(p, collapse = "/"), domain,
      svyratio(by_formula(p[1]), by_formula(p[2]), d, na.rm = TRUE))),
    lapply(plan$proportion, function(v) row_of("proportion", v, domain,
      svymean(~yes, update(d, yes = as.numeric(tolower(d$variables[[v]]) == "yes"))))))
  do.call(rbind, out)
}
of_models <- function(d, plan) {
  fit <- function(name, f, family) {
    m <- suppressWarnings(svyglm(f, d, family = family, control = glm.control(epsilon = 1e-14, maxit = 60)))
    data.frame(estimator = name, variable = names(coef(m)), domain = "all", estimate = unname(coef(m)), se = unname(SE(m)))
  }
  rbind(fit("model", plan$model, gaussian()), fit("logistic", plan$logistic, quasibinomial()))
}
of_case <- function(case) {
  d <- made(case); plan <- if (data_of[case$design] == "people") PEOPLE else SCHOOLS
  levels <- sort(unique(d$variables[[plan$by]]))
  found <- c(list(of_domain(d, plan, "all"), of_domain(subset(d, keep == 1), plan, "where")),
    lapply(levels, function(l) of_domain(d[d$variables[[plan$by]] == l, ], plan, paste0("by:", l))),
    list(of_models(d, plan)))
  if (!inherits(d, "svyrep.design")) {                          # Woodruff's interval and its SE
    found <- c(found, lapply(plan$mean, function(v) {
      q <- svyquantile(by_formula(v), d, 0.5, na.rm = TRUE, ci = TRUE, interval.type = "mean", qrule = "math", df = degf(d))
      data.frame(estimator = "median", variable = v, domain = "all", estimate = as.numeric(q[[1]][1]), se = as.numeric(SE(q)))
    }))
  }
  cbind(case = case$case, do.call(rbind, found))
}
one <- lapply(seq_len(nrow(cases)), function(i) cases[i, ])
estimates <- do.call(rbind, lapply(one, of_case))

# Calibrated twice: R takes the residuals of the first step first (docs/methods/weighting.md).
twice <- calibrate(calibrate(designs$people, formula_of("people_one"), totals_of("people_one")),
  formula_of("people_mixed"), totals_of("people_mixed"))
estimates <- rbind(estimates, cbind(case = "twice", of_domain(twice, PEOPLE, "all")))

# ---- files -------------------------------------------------------------------------------------
stored <- function(d, file, versions = TRUE) {
  for (v in names(d)[sapply(d, is.double)]) {
    d[[v]] <- ifelse(is.na(d[[v]]), "", ifelse(is.infinite(d[[v]]), "", sprintf("%.15g", d[[v]])))
  }
  if (versions) { d$r <- as.character(getRversion()); d$survey <- as.character(packageVersion("survey")) }
  write.csv(d, file.path("weighting", paste0(file, ".csv")), row.names = FALSE, quote = FALSE, na = "")
}
for (k in names(files)) stored(files[[k]], k, versions = FALSE)
for (k in names(files)) {
  own <- Filter(function(c) data_of[c$design] == k, one)
  found <- lapply(own, function(c) weights(made(c), "sampling"))
  stored(as.data.frame(setNames(found, sapply(own, `[[`, "case")), optional = TRUE), paste0("weights_", k))
}
stored(do.call(rbind, lapply(names(sets), margin_rows)), "margins")
stored(cases, "cases")
stored(estimates, "estimates")
