package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.cli.output.Durations;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.listener.NoiseVerdict;

/** What was trained and what LCSC gained, in words. */
final class Headline {

  private Headline() {}

  /** What was trained, as the subject of a sentence. */
  static String subject(RunData run) {
    if (run.config() == null) {
      return "the checkpoints in " + run.source().checkpoints();
    }
    String model = run.config().model().description();
    Integer side = run.config().dataset().side();
    return format(
        "%s of %s%s",
        model, run.config().dataset().title(), side == null ? "" : " at " + side + "×" + side);
  }

  /** The report's first sentence. */
  static String of(RunData run) {
    RunData.Search search = run.lastSearch();
    if (search == null) {
      return unsearched(run);
    }
    SearchScores scores = search.scores();
    double lcsc = scores.ofLcsc();
    double star = scores.ofEmaStar();
    String after = " after " + Numbers.text(search.iteration()) + " iterations";
    if (!scores.improves()) {
      return format(
          "LCSC does not improve %s%s: %s %s, against %s of the best EMA (%s).",
          subject(run),
          after,
          scores.headlineName(),
          Numbers.score(lcsc),
          Numbers.score(star),
          scores.emaStar() == null ? "none" : scores.emaStar().label());
    }
    return format(
        "LCSC %s the %s of %s from %s, the best EMA’s, to %s%s%s.",
        scores.maximised() ? "raises" : "lowers",
        scores.headlineName(),
        subject(run),
        Numbers.score(star),
        Numbers.score(lcsc),
        after,
        scores.change().equals(SearchScores.NO_CHANGE) ? "" : ": " + scores.change());
  }

  private static String unsearched(RunData run) {
    String subject = subject(run);
    String start = Character.toUpperCase(subject.charAt(0)) + subject.substring(1);
    if (run.config() == null) {
      return "The search of " + subject + " has not come to its end.";
    }
    int iterations = run.config().training().iterations();
    if (run.finished()) {
      return format(
          "%s, trained for %s iterations without a search.", start, Numbers.text(run.iteration()));
    }
    String next =
        run.config().lcsc() == null
            ? "no search is configured"
            : "the first search is at iteration "
                + Numbers.text(run.config().lcsc().schedule().first());
    return format(
        "%s, at iteration %s of %s; %s.",
        start, Numbers.text(run.iteration()), Numbers.text(iterations), next);
  }

  /** Further sentences: significance, what it saves, what else is to be known. */
  static List<String> more(RunData run) {
    List<String> lines = new ArrayList<>();
    RunData.Search search = run.lastSearch();
    if (search == null) {
      return lines;
    }
    if (search.verdict() != null) {
      NoiseVerdict verdict = search.verdict();
      lines.add(
          format(
              "Against the best baseline of all, %s, the difference is %s ± %s (standard error over"
                  + " %d fresh noise sets)%s.",
              verdict.baseline(),
              Numbers.score(search.scores().shown(verdict.difference())).replace('-', '−'),
              Numbers.score(verdict.standardError()),
              verdict.noiseSets(),
              verdict.better() ? "" : ", which is within the noise"));
    }
    String earlier = earlier(run);
    if (earlier != null) {
      lines.add(earlier);
    }
    if (run.stopped() != null) {
      lines.add("The training ended early: " + run.stopped() + ".");
    }
    if (run.config() == null) {
      return lines;
    }
    int evaluations = run.config().sampler().of(run.config().model().sampled()).evaluations();
    if (evaluations > 1) {
      String guided = run.config().guidance() == null ? "" : ", two for each that is guided";
      lines.add("Samples take " + evaluations + " network evaluations" + guided + ".");
    }
    return lines;
  }

  /** The first search whose combination beats the EMA* of the last (the paper's speedup). */
  private static String earlier(RunData run) {
    List<RunData.Search> searches = run.finishedSearches();
    RunData.Search last = run.lastSearch();
    SearchScores end = last.scores();
    double star = end.ofEmaStar();
    for (RunData.Search search : searches) {
      SearchScores scores = search.scores();
      double lcsc = scores.ofLcsc();
      if (search == last || !(end.isBetter(lcsc, star) || lcsc == star)) {
        continue;
      }
      String text =
          format(
              "LCSC at iteration %s (%s) is already better than EMA* at %s (%s): %s times fewer"
                  + " iterations",
              Numbers.text(search.iteration()),
              Numbers.score(lcsc),
              Numbers.text(last.iteration()),
              Numbers.score(star),
              format("%.1f", last.iteration() / (double) search.iteration()));
      double until = secondsAt(run, search.iteration()) + search.recipe().search().totalSeconds();
      double all = secondsAt(run, last.iteration());
      if (Double.isFinite(until) && Double.isFinite(all)) {
        text +=
            format(
                ", %s with its search against %s of training without one",
                Durations.clock(until), Durations.clock(all));
      }
      return text + ".";
    }
    return null;
  }

  /** Seconds of training until an iteration was done; NaN where not known. */
  private static double secondsAt(RunData run, long iteration) {
    return run.metrics().stream()
        .filter(metric -> metric.iteration() >= iteration)
        .mapToDouble(TrainingMetric::seconds)
        .findFirst()
        .orElse(Double.NaN);
  }
}
