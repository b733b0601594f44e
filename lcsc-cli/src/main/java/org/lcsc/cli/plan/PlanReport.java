package org.lcsc.cli.plan;

import static org.lcsc.io.Text.format;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.WindowStorage;
import org.lcsc.cli.output.TextTable;
import org.lcsc.cli.plan.TrainingTime.Point;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlNames;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.CheckpointSearchBuilder;
import org.lcsc.search.config.LcscConfig;

/**
 * Prints a plan.
 *
 * @param config what is planned; has a search
 * @param parameters of the network, P
 * @param figures what was given
 * @param cost of one search
 * @param training the standard training
 * @param reportedSeconds of a sample of the report, where it was measured; null for what one of the
 *     objective takes
 */
public record PlanReport(
    RunConfig config,
    long parameters,
    PlanFigures figures,
    SearchCost cost,
    TrainingTime training,
    Double reportedSeconds) {

  /**
   * Prints it all.
   *
   * @param reached where the target may be reached, for the speed-up
   */
  public void print(PrintWriter out, List<Point> reached) {
    sizes(out);
    evaluation(out);
    totals(out);
    if (!reached.isEmpty()) {
      speedUps(out, reached);
    }
    spread(out);
    out.flush();
  }

  /** The same for JSON: bytes, seconds and hours as numbers. */
  public Map<String, Object> json(List<Point> reached) {
    LcscConfig lcsc = config.lcsc();
    Map<String, Object> windows = new LinkedHashMap<>();
    for (CheckpointDataType type : CheckpointDataType.values()) {
      windows.put(YamlNames.of(type), windowBytes(type));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("source", figures.source());
    json.put("parameters", parameters);
    json.put("checkpoints", lcsc.checkpoints());
    json.put("windowBytes", windows);
    json.put("storage", lcsc.storage().kind());
    json.put("dataType", YamlNames.of(lcsc.storage().dataType()));
    json.put("candidateBytes", candidateBytes());
    json.put("runBytes", TrainingRun.bytes(config, parameters));
    json.put("samples", lcsc.search().samples());
    json.put("secondsPerStage", cost.evaluation());
    json.put("secondsPerEvaluation", cost.evaluationSeconds());
    json.put("evaluations", cost.evaluations());
    json.put("searchHours", cost.hours());
    json.put("trainingHours", training.hours());
    if (figures.training().hours() == null) {
      json.put("comparisonHours", comparisonHours());
      json.put("runHours", runHours());
    }
    json.put(
        "speedUps",
        reached.stream()
            .map(
                point ->
                    Map.of(
                        "iterations", point.iterations(),
                        "batchSize", point.batchSize(),
                        "trainingHours", training.hours(point),
                        "speedUp", cost.speedUp(training, point)))
            .toList());
    if (generation() > 1) {
      SpreadPlan plan = spreadPlan();
      json.put(
          "executors",
          figures.spread().executors().stream()
              .map(
                  executors ->
                      Map.of("executors", executors, "hours", plan.seconds(executors) / 3600))
              .toList());
      json.put("paysFrom", plan.pays().isPresent() ? plan.pays().getAsInt() : null);
    }
    return json;
  }

  private void sizes(PrintWriter out) {
    LcscConfig lcsc = config.lcsc();
    out.printf(
        Locale.ROOT,
        "window: %d iterations, one checkpoint every %d: K = %d checkpoints of %,d parameters%n%n",
        lcsc.window(),
        lcsc.interval(),
        lcsc.checkpoints(),
        parameters);
    TextTable table = new TextTable("storage", "type", "memory", "disk", "configured");
    for (WindowStorage kind : Parts.of(WindowStorage.class).values()) {
      for (CheckpointDataType type : CheckpointDataType.values()) {
        boolean mapped = kind.isFile();
        boolean chosen = lcsc.storage().equals(kind.with(type));
        table.row(
            kind.kind(),
            YamlNames.of(type),
            mapped ? null : size(windowBytes(type)),
            mapped ? size(windowBytes(type)) : null,
            chosen ? "yes" : "");
      }
    }
    out.print(table.toText());
    out.printf(
        Locale.ROOT,
        "%nbeside the window: %s for candidates while a search runs;"
            + " on disk %s for the whole run with its state%n",
        size(candidateBytes()),
        size(TrainingRun.bytes(config, parameters)));
  }

  /** What candidates take while a search runs: averages and finalists are merged together too. */
  private long candidateBytes() {
    long candidate = parameters * config.timeRanges(config.lcsc().search()).size();
    return CheckpointSearchBuilder.mergeRows(candidate) * candidate * Float.BYTES;
  }

  private int generation() {
    LcscConfig lcsc = config.lcsc();
    return lcsc.search().strategy().generation(lcsc.checkpoints());
  }

  private long windowBytes(CheckpointDataType type) {
    return config.lcsc().checkpoints() * parameters * type.bytes();
  }

  private void evaluation(PrintWriter out) {
    StageSeconds s = cost.evaluation();
    out.printf(Locale.ROOT, "%none evaluation, %d samples:%n%n", config.lcsc().search().samples());
    TextTable table = new TextTable("stage", "seconds");
    table.row("merging", seconds(s.merging()));
    table.row("sampling", seconds(s.sampling()));
    table.row("features", seconds(s.features()));
    table.row("statistics", seconds(s.statistics()));
    table.row(
        cost.overlapped() ? "what counts: the longer of both" : "all",
        seconds(cost.evaluationSeconds()));
    out.print(table.toText());
  }

  private void totals(PrintWriter out) {
    LcscConfig lcsc = config.lcsc();
    out.println();
    TextTable table = new TextTable("what", "hours", "how");
    table.row("search", hours(cost.hours()), format("%,d evaluations", cost.evaluations()));
    table.row(
        "training",
        hours(training.hours()),
        format("%,d iterations of %,d", training.iterations(), training.batchSize()));
    if (figures.training().hours() == null) {
      int searches = searches();
      ComparisonCost comparison = ComparisonCost.of(config);
      table.row(
          "comparison",
          hours(comparisonHours()),
          format(
              "about %d models validated, %d reported, after a search",
              comparison.validated(), comparison.reported()));
      table.row(
          "whole run", hours(runHours()), searches + (searches == 1 ? " search" : " searches"));
    }
    out.print(table.toText());
  }

  private int searches() {
    return config.lcsc().schedule().within(config.training().iterations()).size();
  }

  /** Of the comparison after one search. */
  private double comparisonHours() {
    LcscConfig lcsc = config.lcsc();
    StageSeconds s = cost.evaluation();
    double each = (s.sampling() + s.features()) / lcsc.search().samples();
    return ComparisonCost.of(config)
        .hours(lcsc, each, Objects.requireNonNullElse(reportedSeconds, each));
  }

  /** Of the configured training with its searches. */
  private double runHours() {
    double own =
        training.hours(new Point(config.training().iterations(), config.training().batchSize()));
    return own + searches() * (cost.hours() + comparisonHours());
  }

  private SpreadPlan spreadPlan() {
    return new SpreadPlan(
        cost,
        generation(),
        windowBytes(config.lcsc().storage().dataType()),
        figures.spread().startSeconds(),
        figures.spread().megabytesPerSecond() * 1e6);
  }

  private void speedUps(PrintWriter out, List<Point> reached) {
    out.printf(
        Locale.ROOT,
        "%nif training and one search reach what %,d iterations of %,d reach without:%n%n",
        training.iterations(),
        training.batchSize());
    TextTable table =
        new TextTable("reached at", "batch", "training hours", "search hours", "speed-up");
    for (Point point : reached) {
      table.row(
          format("%,d", point.iterations()),
          point.batchSize(),
          hours(training.hours(point)),
          hours(cost.hours()),
          format("%.2fx", cost.speedUp(training, point)));
    }
    out.print(table.toText());
  }

  private void spread(PrintWriter out) {
    LcscConfig lcsc = config.lcsc();
    int generation = generation();
    if (generation == 1) {
      out.printf(
          Locale.ROOT,
          "%nspreading over machines: strategy %s scores one candidate after the other%s%n",
          lcsc.search().strategy().kind(),
          lcsc.search().strategy().wantsGradients()
              ? "; the samples of a gradient can be spread, see docs/spark.md"
              : ", it does not pay");
      return;
    }
    SpreadPlan plan = spreadPlan();
    out.printf(
        Locale.ROOT,
        "%nspread over machines: %d candidates at a time, %.0f s to start and to move the"
            + " window:%n%n",
        generation,
        plan.overhead());
    TextTable table = new TextTable("executors", "hours", "speed-up");
    table.row(1, hours(plan.alone() / 3600), "1.00x");
    for (int executors : figures.spread().executors()) {
      double seconds = plan.seconds(executors);
      table.row(executors, hours(seconds / 3600), format("%.2fx", plan.alone() / seconds));
    }
    out.print(table.toText());
    OptionalInt pays = plan.pays();
    out.println(
        pays.isPresent()
            ? "it pays from " + pays.getAsInt() + " executors on"
            : "it does not pay: starting and moving take longer than what is saved");
  }

  private static String hours(double hours) {
    return format(hours < 10 ? "%.3f" : "%,.1f", hours);
  }

  private static String seconds(double seconds) {
    return format(seconds < 0.01 ? "%.5f" : "%.3f", seconds);
  }

  private static String size(long bytes) {
    return format(bytes >= 1e9 ? "%.2f GB" : "%.2f MB", bytes / (bytes >= 1e9 ? 1e9 : 1e6));
  }
}
