package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
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
import org.lcsc.cli.report.chart.Plot;
import org.lcsc.cli.report.chart.Series;
import org.lcsc.cli.report.chart.Series.Look;
import org.lcsc.cli.report.chart.Series.Shape;
import org.lcsc.cli.report.chart.Tone;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.export.Recipe;
import org.lcsc.listener.ScoredModel;
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

  /** All that there is data for. */
  static List<Plot> all(RunData run) {
    List<Plot> plots = new ArrayList<>();
    plots.add(training(run));
    for (RunData.Search search : run.searches()) {
      plots.add(search.log().isEmpty() ? null : convergence(run, search));
      plots.add(search.isFinished() ? coefficients(run, search) : null);
    }
    plots.add(stages(run));
    plots.removeIf(Objects::isNull);
    return plots;
  }

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
      layers.add(loss("loss", run, Look.line(Tone.GREY).labelled(Series.Label.NONE)));
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
        SearchScores scores = search.scores();
        seen +=
            format(
                "At iteration %s EMA* has %s and LCSC %s. ",
                Numbers.text(search.iteration()),
                Numbers.score(scores.ofEmaStar()),
                Numbers.score(scores.ofLcsc()));
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
    double[] xs = searches.stream().mapToDouble(RunData.Search::iteration).toArray();
    List<Layer> layers = new ArrayList<>();
    add(
        layers,
        "last",
        searches,
        xs,
        s -> s.headline(s.find(Kind.LAST)),
        Tone.GREY,
        Shape.TRIANGLE);
    add(
        layers,
        "uniform",
        searches,
        xs,
        s -> s.headline(s.find(Kind.UNIFORM)),
        Tone.GREEN,
        Shape.DIAMOND);
    add(layers, "EMA*", searches, xs, SearchScores::ofEmaStar, Tone.BLUE, Shape.SQUARE);
    add(layers, "LCSC", searches, xs, SearchScores::ofLcsc, Tone.ORANGE, Shape.CIRCLE);
    // So that both panels span the training, searched at its end or not.
    layers.add(new Layer.Span("", run.iteration(), run.iteration()));
    return new Panel(Axis.auto(searches.get(0).scores().headlineName()), layers, 170);
  }

  /** Adds the models of one kind, where any search has a finite score of it. */
  private static void add(
      List<Layer> layers,
      String name,
      List<RunData.Search> searches,
      double[] xs,
      ToDoubleFunction<SearchScores> score,
      Tone tone,
      Shape shape) {
    double[] ys = searches.stream().map(RunData.Search::scores).mapToDouble(score).toArray();
    if (Arrays.stream(ys).anyMatch(Double::isFinite)) {
      layers.add(new Series(name, xs, ys, Look.dotted(tone, shape)));
    }
  }

  /** Every evaluation of a search and the best so far. */
  static Chart convergence(RunData run, RunData.Search search) {
    List<SearchEvaluation> log = search.log();
    boolean gradients = log.stream().anyMatch(e -> e.gradients() > 0);
    Look line = Look.line(Tone.ORANGE).labelled(Series.Label.LEGEND);
    Series best = best("best so far", log, line);
    int last = log.size() - 1;
    Series each =
        new Series(
            "each evaluation",
            best.xs(),
            log.stream().mapToDouble(SearchEvaluation::score).toArray(),
            Look.line(Tone.GREY).as(Series.Style.DOTS).labelled(Series.Label.LEGEND));
    String measure = search.isFinished() ? search.recipe().search().objective() : "score";
    Axis scores = Axis.auto(measure.toUpperCase(Locale.ROOT) + ", search noise");
    return new Chart(
        "search-" + search.iteration(),
        "Search of " + run.name() + " at iteration " + Numbers.text(search.iteration()),
        format(
            "The best score on search noise goes from %s to %s in %s evaluations.",
            Numbers.score(last < 0 ? Double.NaN : best.ys()[0]),
            Numbers.score(last < 0 ? Double.NaN : best.ys()[last]),
            Numbers.text(last < 0 ? 0 : best.xs()[last])),
        Axis.linear(gradients ? "evaluations, a gradient counted by its cost" : "evaluations"),
        List.of(new Panel(scores, List.of(each, best), 200)));
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
    ScoredModel star = search.scores().emaStar();
    if (star != null) {
      // Once more at a scale of its own, where its course can be seen.
      Look stems =
          new Look(Tone.BLUE, Series.Style.STEMS, Shape.SQUARE, Series.Label.LEGEND, false);
      Series own = average(star, recipe.checkpoints(), xs, ", own scale", stems);
      panels.add(new Panel(Axis.linear("coefficient"), List.of(own), 80));
    }
    return new Chart(
        "coefficients-" + search.iteration(),
        "Coefficients of " + run.name() + " at iteration " + Numbers.text(search.iteration()),
        CoefficientShape.of(recipe.allCoefficients(), parts.size()).text(),
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
    ScoredModel star = SearchScores.of(recipe).emaStar();
    if (star != null) {
      Look line = Look.line(Tone.BLUE).labelled(Series.Label.LEGEND);
      layers.add(average(star, recipe.checkpoints(), xs, "", line));
    }
    return new Panel(Axis.linear("coefficient" + of), layers, height);
  }

  private static Series average(
      ScoredModel star, long[] checkpoints, double[] xs, String suffix, Look look) {
    double[] coefficients = EmaCoefficients.of(star.parameter(), checkpoints);
    return new Series("EMA* (" + star.label() + ")" + suffix, xs, coefficients, look);
  }

  private static double[] only(double[] values, DoubleUnaryOperator keep) {
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

  /** The loss over a training. */
  static Series loss(String name, RunData run, Look look) {
    return new Series(
        name,
        run.metrics().stream().mapToDouble(TrainingMetric::iteration).toArray(),
        run.metrics().stream().mapToDouble(TrainingMetric::loss).toArray(),
        look);
  }

  /** The best score so far over a search. */
  static Series best(String name, List<SearchEvaluation> log, Look look) {
    return new Series(
        name,
        log.stream().mapToDouble(SearchEvaluation::cost).toArray(),
        log.stream().mapToDouble(SearchEvaluation::best).toArray(),
        look.as(Series.Style.STEPS));
  }
}
