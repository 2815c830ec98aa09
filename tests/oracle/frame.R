# Goldens for a post-stratified sample of a finite population: wave 2023 of surveys/collectivites_ia.
# Run: Rscript frame.R in this folder. Reads frame_rows.csv (the rows of the wave, written by
# `python -m tests.oracle.frame_rows`) and the counts of the frame; writes frame.csv.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)

rows <- read.csv("frame_rows.csv", colClasses = "character")
frame <- read.csv("../../surveys/collectivites_ia/margins/strates.csv", fileEncoding = "UTF-8")
frame <- subset(frame, wave == 2023 & population > 0)
rows <- subset(rows, strate %in% frame$strate)     # outside the frame nobody was surveyed
rows$N <- frame$population[match(rows$strate, frame$strate)]
rows$one <- 1
sample <- svydesign(ids = ~1, strata = ~strate, fpc = ~N, weights = ~one, data = rows)
counts <- data.frame(strate = frame$strate, Freq = frame$population)
sample <- postStratify(sample, ~strate, counts)
df <- degf(sample)
sizes <- as.integer(table(rows$strate))

cells <- rbind(
  data.frame(domain = "ensemble", level = "ensemble"),
  data.frame(domain = "perimetre", level = c("petites", "hors_petites")),
  data.frame(domain = "strate", level = frame$strate),
  data.frame(domain = "type", level = "commune")
)
inside <- function(domain, level) switch(domain,
  ensemble = rep(TRUE, nrow(rows)),
  perimetre = (rows$strate == "c_moins_3500") == (level == "petites"),
  strate = rows$strate == level,
  type = startsWith(rows$strate, "c_"))

share <- function(variable, answer, cell) {
  d <- update(sample, y = as.numeric(rows[[variable]] == answer))
  part <- subset(d, inside(cell$domain, cell$level))
  m <- svymean(~y, part)
  est <- as.numeric(coef(m)); se <- as.numeric(SE(m))
  ci <- if (est > 0 && est < 1 && se > 0)
    as.numeric(confint(svyciprop(~y, part, method = "logit", df = df))) else c(NA, NA)
  data.frame(measure = "share", variable, answer, cell, estimate = est, se, ci_low = ci[1],
             ci_high = ci[2], df)
}
items <- c("langage", "image", "son", "predictif", "chatbot", "nsp")
mention <- function(item, cell) {                  # a ratio of two totals, over those who cite
  cited <- rowSums(rows[items] == "oui")
  d <- update(sample, y = as.numeric(rows[[item]] == "oui"), x = cited)
  r <- svyratio(~y, ~x, subset(d, inside(cell$domain, cell$level) & cited > 0))
  data.frame(measure = "mention", variable = "ia_tech", answer = item, cell,
             estimate = as.numeric(coef(r)), se = as.numeric(SE(r)), ci_low = NA, ci_high = NA, df)
}
out <- NULL
for (i in seq_len(nrow(cells))) {
  for (v in c("ia_deja", "ia_prevu", "rgpd", "cyberattaque"))
    for (a in sort(unique(rows[[v]]))) out <- rbind(out, share(v, a, cells[i, ]))
  if (cells$domain[i] %in% c("ensemble", "perimetre") && cells$level[i] != "petites")
    for (item in items) out <- rbind(out, mention(item, cells[i, ]))
}
out$r <- as.character(getRversion())
out$survey <- as.character(packageVersion("survey"))
for (c in c("estimate", "se", "ci_low", "ci_high"))
  out[[c]] <- ifelse(is.na(out[[c]]), "", sprintf("%.15g", out[[c]]))
write.csv(out, "frame.csv", row.names = FALSE, quote = FALSE)
