package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
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
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.search.SearchEvaluation;

/** Several runs over each other, for example one configuration with several seeds. */
final class Comparison {

  private static final Tone[] TONES = {
    Tone.ORANGE, Tone.BLUE, Tone.GREEN, Tone.PURPLE, Tone.GOLD, Tone.GREY
  };

  private final List<RunData> runs;

  /** A comparison of at least two runs. */
  Comparison(List<RunData> runs) {
    this.runs = runs;
  }

  /** All charts there is data for. */
  List<Chart> charts() {
    List<Chart> charts = new ArrayList<>();
    charts.add(training());
    charts.add(convergence());
    charts.add(coefficients());
    charts.removeIf(java.util.Objects::isNull);
    return charts;
  }

  private static Look look(int run) {
    return Look.line(TONES[run % TONES.length]).shaped(Shape.values()[run % Shape.values().length]);
  }

  private Chart training() {
    List<Panel> panels = new ArrayList<>();
    List<Layer> losses = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      List<TrainingMetric> metrics = runs.get(i).metrics();
      if (!metrics.isEmpty()) {
        losses.add(
            new Series(
                runs.get(i).name(),
                Figures.iterations(metrics),
                metrics.stream().mapToDouble(TrainingMetric::loss).toArray(),
                look(i)));
      }
    }
    if (!losses.isEmpty()) {
      panels.add(new Panel(Axis.auto("loss"), losses, 150));
    }
    List<RunData> searched = runs.stream().filter(run -> run.lastSearch() != null).toList();
    if (!searched.isEmpty()) {
      List<Layer> layers =
          sameIterations(searched) && searched.size() > 1 ? spread(searched) : each(searched);
      panels.add(new Panel(Axis.auto(scores(searched.get(0)).get(0).headlineName()), layers, 190));
    }
    return panels.isEmpty()
        ? null
        : new Chart(
            "runs-training",
            "Training of " + runs.size() + " runs: loss, and scores of EMA* and LCSC",
            summary(searched),
            Axis.linear("training iteration"),
            panels);
  }

  private static String summary(List<RunData> searched) {
    StringBuilder text = new StringBuilder();
    for (RunData run : searched) {
      SearchScores scores = SearchScores.of(run.lastSearch().recipe());
      text.append(
          format(
              "%s: EMA* %s, LCSC %s. ",
              run.name(),
              Numbers.score(scores.headline(scores.emaStar())),
              Numbers.score(scores.headline(scores.lcsc()))));
    }
    return text.toString().strip();
  }

  private static List<SearchScores> scores(RunData run) {
    return run.finishedSearches().stream().map(s -> SearchScores.of(s.recipe())).toList();
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
    layers.addAll(spread(runs, "EMA*", SearchScores::emaStar, Tone.BLUE, Shape.SQUARE));
    layers.addAll(spread(runs, "LCSC", SearchScores::lcsc, Tone.ORANGE, Shape.CIRCLE));
    return layers;
  }

  private static List<Layer> spread(
      List<RunData> runs,
      String name,
      Function<SearchScores, SearchScores.Model> model,
      Tone tone,
      Shape shape) {
    double[] xs = iterations(runs.get(0));
    double[] mean = new double[xs.length];
    double[] lower = new double[xs.length];
    double[] upper = new double[xs.length];
    List<Layer> points = new ArrayList<>();
    for (RunData run : runs) {
      double[] ys = scores(run).stream().mapToDouble(s -> s.headline(model.apply(s))).toArray();
      points.add(
          new Series(
              name + ", " + run.name(),
              xs,
              ys,
              new Look(tone, Series.Style.DOTS, shape, Series.Label.NONE, false)));
    }
    for (int i = 0; i < xs.length; i++) {
      int at = i;
      Spread spread = Spread.of(points.stream().mapToDouble(p -> ((Series) p).ys()[at]).toArray());
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
      double[] xs = iterations(run);
      List<SearchScores> scores = scores(run);
      Look look = look(runs.indexOf(run)).as(Series.Style.LINE_AND_DOTS);
      layers.add(
          new Series(
              "EMA*, " + run.name(),
              xs,
              scores.stream().mapToDouble(s -> s.headline(s.emaStar())).toArray(),
              look.withDashes()));
      layers.add(
          new Series(
              "LCSC, " + run.name(),
              xs,
              scores.stream().mapToDouble(s -> s.headline(s.lcsc())).toArray(),
              look));
    }
    return layers;
  }

  private Chart convergence() {
    List<Layer> layers = new ArrayList<>();
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < runs.size(); i++) {
      RunData.Search search = runs.get(i).lastSearch();
      if (search != null && !search.log().isEmpty()) {
        List<SearchEvaluation> log = search.log();
        layers.add(
            new Series(
                runs.get(i).name(),
                log.stream().mapToDouble(SearchEvaluation::cost).toArray(),
                log.stream().mapToDouble(SearchEvaluation::best).toArray(),
                look(i).as(Series.Style.STEPS)));
        seen.append(
            format(
                "%s ends at %s. ",
                runs.get(i).name(), Numbers.score(log.get(log.size() - 1).best())));
      }
    }
    return layers.isEmpty()
        ? null
        : new Chart(
            "runs-search",
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
            "runs-coefficients",
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
