package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.lcsc.cli.report.chart.Axis;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Layer;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.Panel;
import org.lcsc.cli.report.chart.Series;
import org.lcsc.cli.report.chart.Series.Look;
import org.lcsc.cli.report.chart.Series.Shape;
import org.lcsc.cli.report.chart.Tone;
import org.lcsc.search.SearchEvaluation;

/**
 * Several runs over each other, for example one configuration with several seeds.
 *
 * @param runs at least two
 */
record Comparison(List<RunData> runs) {

  /** In place of a run's name, before those of its charts. */
  static final String NAME = "runs";

  /** How the names of its charts begin. */
  static final String PREFIX = NAME + "-";

  /** All charts there is data for. */
  List<Chart> charts() {
    List<Chart> charts = new ArrayList<>();
    charts.add(training());
    charts.add(convergence());
    charts.add(coefficients());
    charts.removeIf(Objects::isNull);
    return charts;
  }

  private static Look look(int run) {
    return Look.line(Tone.of(run)).shaped(Shape.of(run));
  }

  private Chart training() {
    List<Panel> panels = new ArrayList<>();
    List<Layer> losses = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      if (!runs.get(i).metrics().isEmpty()) {
        losses.add(Figures.loss(runs.get(i).name(), runs.get(i), look(i)));
      }
    }
    if (!losses.isEmpty()) {
      panels.add(new Panel(Axis.auto("loss"), losses, 150));
    }
    List<RunData> searched = runs.stream().filter(run -> run.lastSearch() != null).toList();
    // Different scores have no common axis.
    Map<String, List<RunData>> byScore = new LinkedHashMap<>();
    for (RunData run : searched) {
      String score = run.lastSearch().scores().headlineName();
      byScore.computeIfAbsent(score, key -> new ArrayList<>()).add(run);
    }
    byScore.forEach(
        (score, of) -> {
          boolean repeated = of.size() > 1 && sameIterations(of) && areRepetitions(of);
          panels.add(new Panel(Axis.auto(score), repeated ? spread(of) : each(of), 190));
        });
    return panels.isEmpty()
        ? null
        : new Chart(
            PREFIX + "training",
            "Training of " + runs.size() + " runs: loss, and scores of EMA* and LCSC",
            summary(searched),
            Axis.linear("training iteration"),
            panels);
  }

  private static String summary(List<RunData> searched) {
    StringBuilder text = new StringBuilder();
    for (RunData run : searched) {
      SearchScores scores = run.lastSearch().scores();
      text.append(
          format(
              "%s: EMA* %s, LCSC %s. ",
              run.name(), Numbers.score(scores.ofEmaStar()), Numbers.score(scores.ofLcsc())));
    }
    return text.toString().strip();
  }

  /** Whether runs differ in nothing but their seeds and where they lie, so that a mean is one. */
  static boolean areRepetitions(List<RunData> runs) {
    return runs.stream().map(run -> withoutSeeds(run.configuration())).distinct().count() <= 1;
  }

  private static Object withoutSeeds(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> kept = new LinkedHashMap<>();
      map.forEach(
          (key, entry) -> {
            if (!key.equals("seed") && !key.equals("output")) {
              kept.put(key, withoutSeeds(entry));
            }
          });
      return kept;
    }
    return value instanceof List<?> list
        ? list.stream().map(Comparison::withoutSeeds).toList()
        : value;
  }

  private static double[] iterations(RunData run) {
    return run.finishedSearches().stream().mapToDouble(RunData.Search::iteration).toArray();
  }

  private static boolean sameIterations(List<RunData> runs) {
    double[] first = iterations(runs.get(0));
    return runs.stream().allMatch(run -> Arrays.equals(iterations(run), first));
  }

  /** Mean lines with a band of one standard deviation, and every run as points. */
  private static List<Layer> spread(List<RunData> runs) {
    List<Layer> layers = new ArrayList<>();
    layers.addAll(spread(runs, "EMA*", SearchScores::ofEmaStar, Tone.BLUE, Shape.SQUARE));
    layers.addAll(spread(runs, "LCSC", SearchScores::ofLcsc, Tone.ORANGE, Shape.CIRCLE));
    return layers;
  }

  private static List<Layer> spread(
      List<RunData> runs,
      String name,
      ToDoubleFunction<SearchScores> score,
      Tone tone,
      Shape shape) {
    double[] xs = iterations(runs.get(0));
    double[] mean = new double[xs.length];
    double[] lower = new double[xs.length];
    double[] upper = new double[xs.length];
    List<Series> points = new ArrayList<>();
    for (RunData run : runs) {
      Look dots = new Look(tone, Series.Style.DOTS, shape, Series.Label.NONE, false);
      points.add(series(name, run, score, dots));
    }
    for (int i = 0; i < xs.length; i++) {
      int at = i;
      Spread spread = Spread.of(points.stream().mapToDouble(p -> p.ys()[at]).toArray());
      mean[i] = spread.mean();
      double half = spread.n() < 2 ? 0 : spread.deviation();
      lower[i] = spread.mean() - half;
      upper[i] = spread.mean() + half;
    }
    List<Layer> layers = new ArrayList<>();
    layers.add(new Layer.Band(name + " ± 1 sd", xs, lower, upper, tone));
    layers.add(new Series(name, xs, mean, Look.line(tone)));
    layers.addAll(points);
    return layers;
  }

  private List<Layer> each(List<RunData> searched) {
    List<Layer> layers = new ArrayList<>();
    for (RunData run : searched) {
      Look look = look(runs.indexOf(run)).as(Series.Style.LINE_AND_DOTS);
      layers.add(series("EMA*", run, SearchScores::ofEmaStar, look.withDashes()));
      layers.add(series("LCSC", run, SearchScores::ofLcsc, look));
    }
    return layers;
  }

  private static Series series(
      String name, RunData run, ToDoubleFunction<SearchScores> score, Look look) {
    double[] ys =
        run.finishedSearches().stream().map(RunData.Search::scores).mapToDouble(score).toArray();
    return new Series(name + ", " + run.name(), iterations(run), ys, look);
  }

  private Chart convergence() {
    List<Layer> layers = new ArrayList<>();
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < runs.size(); i++) {
      RunData.Search search = runs.get(i).lastSearch();
      if (search != null && !search.log().isEmpty()) {
        List<SearchEvaluation> log = search.log();
        layers.add(Figures.best(runs.get(i).name(), log, look(i)));
        seen.append(
            format(
                "%s ends at %s. ",
                runs.get(i).name(), Numbers.score(log.get(log.size() - 1).best())));
      }
    }
    return layers.isEmpty()
        ? null
        : new Chart(
            PREFIX + "search",
            "Last search of each run: best score so far on its search noise",
            seen.toString().strip(),
            Axis.linear("evaluations"),
            List.of(new Panel(Axis.auto("best so far"), layers, 220)));
  }

  private Chart coefficients() {
    List<Layer> layers = new ArrayList<>();
    List<RunData> shown = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      RunData.Search search = runs.get(i).lastSearch();
      if (search != null && search.recipe().coefficients().length > 0) {
        shown.add(runs.get(i));
        layers.add(
            new Series(
                runs.get(i).name(),
                Arrays.stream(search.recipe().checkpoints()).mapToDouble(n -> n).toArray(),
                search.recipe().coefficients(),
                look(i).as(Series.Style.STEMS).labelled(Series.Label.LEGEND)));
      }
    }
    return layers.isEmpty()
        ? null
        : new Chart(
            PREFIX + "coefficients",
            "Coefficients of the last search of each run",
            correlations(shown),
            Axis.linear("training iteration of the checkpoint"),
            List.of(new Panel(Axis.linear("coefficient"), layers, 240)));
  }

  /** How alike the coefficients of runs over the same iterations are. */
  private static String correlations(List<RunData> shown) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      for (int j = i + 1; j < shown.size(); j++) {
        var a = shown.get(i).lastSearch().recipe();
        var b = shown.get(j).lastSearch().recipe();
        if (Arrays.equals(a.checkpoints(), b.checkpoints())) {
          found.add(
              format(
                  "%s and %s %s",
                  shown.get(i).name(),
                  shown.get(j).name(),
                  Numbers.text(correlation(a.coefficients(), b.coefficients()))));
        }
      }
    }
    return found.isEmpty()
        ? "The runs combine checkpoints of different iterations."
        : "Correlation of the coefficients: " + String.join(", ", found) + ".";
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElse(0);
    double meanB = Arrays.stream(b).average().orElse(0);
    double ab =
        IntStream.range(0, a.length).mapToDouble(i -> (a[i] - meanA) * (b[i] - meanB)).sum();
    double aa = Arrays.stream(a).map(x -> (x - meanA) * (x - meanA)).sum();
    double bb = Arrays.stream(b).map(x -> (x - meanB) * (x - meanB)).sum();
    return Math.round(1000 * ab / Math.sqrt(aa * bb)) / 1000.0;
  }
}
