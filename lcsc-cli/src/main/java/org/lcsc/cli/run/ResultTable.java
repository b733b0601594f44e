package org.lcsc.cli.run;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lcsc.cli.output.TextTable;
import org.lcsc.io.Text;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ScoredModel;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.Screening;

/**
 * What a search gave beside its baselines: the last weights, every EMA, the best of all EMAs
 * (EMA*), the uniform average, the greedy soup, the best of all other averages where it is the best
 * baseline, and the combination.
 *
 * <p>Stateless and thread-safe.
 */
public final class ResultTable {

  /** Label of the best of all averages, chosen on validation noise. */
  public static final String EMA_STAR = "EMA*";

  private static final Set<ScoredModel.Kind> OTHERS =
      EnumSet.of(
          ScoredModel.Kind.POST_HOC_EMA,
          ScoredModel.Kind.WINDOW_POWER,
          ScoredModel.Kind.LAWA,
          ScoredModel.Kind.GREEDY_SOUP,
          ScoredModel.Kind.UNIFORM);

  private ResultTable() {}

  /**
   * The table: one row per model, validation score and reported scores.
   *
   * @param result of a search with a reporter
   * @param units makes a score a number of the measure's own units
   */
  public static TextTable of(LcscResult result, DoubleUnaryOperator units) {
    List<String> names = List.copyOf(result.lcsc().reportScores().keySet());
    List<String> header = new ArrayList<>(List.of("model", "validation"));
    names.forEach(name -> header.add(name + " (fresh)"));
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (Map.Entry<String, ScoredModel> row : rows(result).entrySet()) {
      List<Object> cells = new ArrayList<>();
      cells.add(row.getKey() + (row.getValue() == result.best() ? " <- best" : ""));
      cells.add(number(units.applyAsDouble(row.getValue().validationScore())));
      for (String name : names) {
        cells.add(number(row.getValue().reportScores().get(name)));
      }
      table.row(cells.toArray());
    }
    return table;
  }

  /** The models by the label they are shown under, in order. */
  public static Map<String, ScoredModel> rows(LcscResult result) {
    Map<String, ScoredModel> rows = new LinkedHashMap<>();
    for (ScoredModel model : result.baselines()) {
      if (model.kind() == ScoredModel.Kind.LAST || model.kind() == ScoredModel.Kind.EMA) {
        rows.put(model.label(), model);
      }
    }
    ScoredModel star = result.emaStar();
    rows.put(EMA_STAR + " (" + star.label() + ")", star);
    result.baselines().stream()
        .filter(model -> OTHERS.contains(model.kind()))
        .filter(model -> !model.reportScores().isEmpty() || model.equals(result.bestBaseline()))
        .forEach(model -> rows.put(model.label(), model));
    rows.put("LCSC", result.lcsc());
    return rows;
  }

  /**
   * Where the time of a search went, in one line.
   *
   * @param units makes a score a number of the measure's own units
   */
  public static String stages(LcscResult result, DoubleUnaryOperator units) {
    StageSeconds seconds = result.search().searchSeconds();
    double[] each = seconds.toArray();
    double gap = result.search().gap();
    return format(
        "%d evaluations%s over %d checkpoints%s, in %.1f s: %s; with validation, baselines and"
            + " report %.1f s",
        result.evaluations(),
        result.search().gradients() > 0 ? " (" + result.search().gradients() + " gradients)" : "",
        result.checkpoints().length,
        Double.isNaN(gap)
            ? ""
            : format(", validation %s from search", signed(units.applyAsDouble(gap))),
        seconds.total(),
        IntStream.range(0, each.length)
            .mapToObj(i -> format("%s %.1f s", StageSeconds.NAMES.get(i), each[i]))
            .collect(Collectors.joining(", ")),
        result.totalSeconds());
  }

  /**
   * A line that says whether the best model is several, one for every time range; empty where there
   * is one range only.
   */
  public static String ranges(LcscResult result, TimeRanges ranges) {
    if (ranges.size() == 1) {
      return "";
    }
    return result.best() == result.lcsc()
        ? format(
            "the best is the combination of %d models by noise level (%s)%n",
            ranges.size(), ranges.description())
        : format(
            "the best is a single model for all noise levels, %s; the combination has %d (%s)%n",
            result.best().label(), ranges.size(), ranges.description());
  }

  /** A line on the averages that the table does not have; empty where there are none. */
  public static String leftOut(LcscResult result) {
    return result.screenedOut() == 0 ? "" : format("%s%n", Screening.note(result.screenedOut()));
  }

  private static String signed(double value) {
    return (value < 0 ? "" : "+") + Text.score(value);
  }

  private static String number(Double value) {
    return value == null ? null : Text.score(value);
  }
}
