package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.cli.report.chart.Axis;
import org.lcsc.cli.report.chart.BarChart;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Layer;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.Panel;
import org.lcsc.cli.report.chart.Series;
import org.lcsc.cli.report.chart.Series.Look;
import org.lcsc.cli.report.chart.Series.Shape;
import org.lcsc.cli.report.chart.Tone;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.export.Recipe;
import org.lcsc.listener.ScoredModel.Kind;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchEvaluation;

/** The charts of one run. */
final class Figures {

  private static final String ITERATION = "training iteration";

  /** The stages of the evaluations, and the rest of a search. */
  private static final List<String> STAGES =
      Stream.concat(StageSeconds.NAMES.stream(), Stream.of("validation, baselines, report"))
          .toList();

  private Figures() {}

  /**
   * The training's loss in its two phases, and below it the scores at each search (the paper's
   * Figure 4); null where there is nothing to show.
   */
  static Chart training(RunData run) {
    List<Panel> panels = new ArrayList<>();
    String seen = "";
    if (!run.metrics().isEmpty()) {
      List<Layer> layers = new ArrayList<>();
      int boundary = Phases.boundary(run.metrics());
      if (boundary > 0) {
        layers.add(new Layer.Span("first phase", 0, boundary));
      }
      layers.add(
          new Series(
              "loss",
              iterations(run.metrics()),
              run.metrics().stream().mapToDouble(TrainingMetric::loss).toArray(),
              Look.line(Tone.GREY).labelled(Series.Label.NONE)));
      panels.add(new Panel(Axis.auto("loss"), layers, 130));
      TrainingMetric last = run.metrics().get(run.metrics().size() - 1);
      seen =
          format(
              "The loss falls from %s to %s. ",
              Numbers.text(run.metrics().get(0).loss()), Numbers.text(last.loss()));
    }
    if (!run.finishedSearches().isEmpty()) {
      panels.add(scores(run));
      for (RunData.Search search : run.finishedSearches()) {
        SearchScores scores = SearchScores.of(search.recipe());
        seen +=
            format(
                "At iteration %s EMA* has %s and LCSC %s. ",
                Numbers.text(search.iteration()),
                Numbers.score(scores.headline(scores.emaStar())),
                Numbers.score(scores.headline(scores.lcsc())));
      }
    }
    return panels.isEmpty()
        ? null
        : new Chart(
            "training",
            "Training of " + run.name() + ": loss, and scores of the models of each search",
            seen.strip(),
            Axis.linear(ITERATION),
            panels);
  }

  private static Panel scores(RunData run) {
    List<RunData.Search> searches = run.finishedSearches();
    List<SearchScores> scores =
        searches.stream().map(search -> SearchScores.of(search.recipe())).toList();
    double[] xs = searches.stream().mapToDouble(RunData.Search::iteration).toArray();
    List<Layer> layers = new ArrayList<>();
    layers.add(
        models("last", xs, scores, s -> s.headline(s.find(Kind.LAST)), Tone.GREY, Shape.TRIANGLE));
    layers.add(
        models(
            "uniform",
            xs,
            scores,
            s -> s.headline(s.find(Kind.UNIFORM)),
            Tone.GREEN,
            Shape.DIAMOND));
    layers.add(models("EMA*", xs, scores, s -> s.headline(s.emaStar()), Tone.BLUE, Shape.SQUARE));
    layers.add(models("LCSC", xs, scores, s -> s.headline(s.lcsc()), Tone.ORANGE, Shape.CIRCLE));
    layers.removeIf(layer -> Arrays.stream(((Series) layer).ys()).noneMatch(Double::isFinite));
    // So that both panels span the training, searched at its end or not.
    layers.add(new Layer.Span("", run.iteration(), run.iteration()));
    return new Panel(Axis.auto(scores.get(0).headlineName()), layers, 170);
  }

  private static Series models(
      String name,
      double[] xs,
      List<SearchScores> scores,
      ToDoubleFunction<SearchScores> score,
      Tone tone,
      Shape shape) {
    return new Series(
        name, xs, scores.stream().mapToDouble(score).toArray(), Look.dotted(tone, shape));
  }

  /** Every evaluation of a search and the best so far. */
  static Chart convergence(RunData run, RunData.Search search) {
    List<SearchEvaluation> log = search.log();
    boolean gradients = log.stream().anyMatch(e -> e.gradients() > 0);
    double[] xs = log.stream().mapToDouble(SearchEvaluation::cost).toArray();
    double[] ys = log.stream().mapToDouble(SearchEvaluation::score).toArray();
    double[] best = log.stream().mapToDouble(SearchEvaluation::best).toArray();
    List<Layer> layers = new ArrayList<>();
    layers.add(
        new Series(
            "each evaluation",
            xs,
            ys,
            Look.line(Tone.GREY).as(Series.Style.DOTS).labelled(Series.Label.LEGEND)));
    layers.add(
        new Series(
            "best so far",
            xs,
            best,
            Look.line(Tone.ORANGE).as(Series.Style.STEPS).labelled(Series.Label.LEGEND)));
    String measure = search.isFinished() ? search.recipe().search().objective() : "score";
    double first = best.length == 0 ? Double.NaN : best[0];
    double last = best.length == 0 ? Double.NaN : best[best.length - 1];
    return new Chart(
        "search-" + search.iteration(),
        "Search of " + run.name() + " at iteration " + Numbers.text(search.iteration()),
        format(
            "The best score on search noise falls from %s to %s in %s evaluations.",
            Numbers.score(first),
            Numbers.score(last),
            Numbers.text(xs.length == 0 ? 0 : xs[xs.length - 1])),
        Axis.linear(gradients ? "evaluations, a gradient counted by its cost" : "evaluations"),
        List.of(
            new Panel(
                Axis.auto(measure.toUpperCase(java.util.Locale.ROOT) + ", search noise"),
                layers,
                200)));
  }

  /**
   * The coefficients of a search's combination over the iterations of their checkpoints, beside
   * those of EMA* (the paper's Figures 5 and 7); null where it has none.
   */
  static Chart coefficients(RunData run, RunData.Search search) {
    Recipe recipe = search.recipe();
    if (recipe.checkpoints().length == 0 || recipe.allCoefficients().length == 0) {
      return null;
    }
    double[] xs = Arrays.stream(recipe.checkpoints()).mapToDouble(i -> i).toArray();
    List<Panel> panels = new ArrayList<>();
    List<String> parts = parts(recipe);
    double[] all = recipe.allCoefficients();
    for (int p = 0; p < parts.size(); p++) {
      double[] alpha = Arrays.copyOfRange(all, p * xs.length, (p + 1) * xs.length);
      panels.add(coefficientPanel(recipe, xs, alpha, parts.get(p), parts.size() > 2 ? 110 : 210));
    }
    SearchScores.Model star = SearchScores.of(recipe).emaStar();
    if (star != null) {
      panels.add(emaPanel(star, recipe.checkpoints(), xs));
    }
    return new Chart(
        "coefficients-" + search.iteration(),
        "Coefficients of " + run.name() + " at iteration " + Numbers.text(search.iteration()),
        CoefficientShape.of(recipe.allCoefficients()).text(),
        Axis.linear(ITERATION + " of the checkpoint"),
        panels);
  }

  /** What has coefficients of its own: ranges of noise levels, groups of layers within each. */
  private static List<String> parts(Recipe recipe) {
    List<String> parts = new ArrayList<>();
    int ranges = Math.max(1, recipe.ranges().size());
    for (int r = 0; r < ranges; r++) {
      boolean ranged = !recipe.ranges().isEmpty();
      List<Recipe.Group> groups = ranged ? recipe.ranges().get(r).groups() : recipe.groups();
      String from =
          ranged ? " from sigma " + Numbers.text(recipe.ranges().get(r).fromSigma()) + " on" : "";
      if (groups.isEmpty()) {
        parts.add(from);
      }
      groups.forEach(group -> parts.add(" of " + group.name() + from));
    }
    return parts;
  }

  private static Panel coefficientPanel(
      Recipe recipe, double[] xs, double[] alpha, String of, int height) {
    Look stems = Look.line(Tone.ORANGE).as(Series.Style.STEMS).labelled(Series.Label.LEGEND);
    Look below =
        new Look(Tone.PURPLE, Series.Style.STEMS, Shape.DIAMOND, Series.Label.LEGEND, false);
    List<Layer> layers = new ArrayList<>();
    layers.add(new Series("LCSC, positive", xs, only(alpha, a -> a >= 0 ? a : Double.NaN), stems));
    if (Arrays.stream(alpha).anyMatch(a -> a < 0)) {
      layers.add(new Series("LCSC, negative", xs, only(alpha, a -> a < 0 ? a : Double.NaN), below));
    }
    SearchScores.Model star = SearchScores.of(recipe).emaStar();
    if (star != null) {
      layers.add(
          new Series(
              "EMA* (" + star.label() + ")",
              xs,
              EmaCoefficients.of(star.parameter(), recipe.checkpoints()),
              Look.line(Tone.BLUE).labelled(Series.Label.LEGEND)));
    }
    return new Panel(Axis.linear("coefficient" + of), layers, height);
  }

  /** EMA's own at a scale of their own, where their course can be seen. */
  private static Panel emaPanel(SearchScores.Model star, long[] checkpoints, double[] xs) {
    Series series =
        new Series(
            "EMA* (" + star.label() + "), own scale",
            xs,
            EmaCoefficients.of(star.parameter(), checkpoints),
            new Look(Tone.BLUE, Series.Style.STEMS, Shape.SQUARE, Series.Label.LEGEND, false));
    return new Panel(Axis.linear("coefficient"), List.of(series), 80);
  }

  private static double[] only(double[] values, java.util.function.DoubleUnaryOperator keep) {
    return Arrays.stream(values).map(keep).toArray();
  }

  /** Where the time of the searches went (the paper's Table 5); null without a search. */
  static BarChart stages(RunData run) {
    List<RunData.Search> searches = run.finishedSearches();
    if (searches.isEmpty()) {
      return null;
    }
    List<BarChart.Bar> bars = new ArrayList<>();
    for (RunData.Search search : searches) {
      Recipe.Search times = search.recipe().search();
      double[] seconds = Arrays.copyOf(times.secondsPerStage().toArray(), STAGES.size());
      seconds[STAGES.size() - 1] =
          Math.max(0, times.totalSeconds() - times.secondsPerStage().total());
      bars.add(new BarChart.Bar(Numbers.text(search.iteration()), seconds));
    }
    Recipe.Search last = searches.get(searches.size() - 1).recipe().search();
    double[] seconds = last.secondsPerStage().toArray();
    return new BarChart(
        "stages",
        "Seconds per stage of the searches of " + run.name(),
        format(
            "Of %s s at the last search, %s.",
            Numbers.text(last.totalSeconds()),
            IntStream.range(0, seconds.length)
                .mapToObj(i -> STAGES.get(i) + " took " + Numbers.text(seconds[i]) + " s")
                .collect(Collectors.joining(", "))),
        "seconds, by iteration of the search",
        STAGES,
        List.of(Tone.ORANGE, Tone.BLUE, Tone.GOLD, Tone.PURPLE, Tone.GREY),
        bars);
  }

  static double[] iterations(List<TrainingMetric> metrics) {
    return IntStream.range(0, metrics.size())
        .mapToDouble(i -> metrics.get(i).iteration())
        .toArray();
  }
}
