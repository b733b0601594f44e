package org.lcsc.cli.landscape;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.landscape.Landscape.Kind;
import org.lcsc.cli.landscape.Landscape.Marker;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.output.CsvReader;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunLock;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.lcsc.objective.Objective;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores a plane of models by FID in the run's first space, every model on the same noise, into
 * {@code landscape.csv} of the run. Rows are written as they come; what is there already for the
 * same plane, noise, configuration and images is not scored again. Not thread-safe.
 */
public final class LandscapeRun {

  private static final String[] COLUMNS = {
    "row", "plane", "samples", "seed", "model", "x", "y", "distance", "score"
  };

  private final Experiment experiment;
  private final RunDirectory run;
  private final Corners corners;
  private final PrintWriter err;

  /** Scores by everything that decides them. */
  private final Map<List<String>, Double> known = new HashMap<>();

  private CsvWriter rows;
  private long next;

  /**
   * A landscape.
   *
   * @param experiment of the run's configuration
   * @param run receives {@code landscape.csv}
   * @param corners span the plane
   * @param err progress
   */
  public LandscapeRun(Experiment experiment, RunDirectory run, Corners corners, PrintWriter err) {
    this.experiment = experiment;
    this.run = run;
    this.corners = corners;
    this.err = err;
  }

  /**
   * How it is scored.
   *
   * @param grid points along each side, at least 2
   * @param samples of every score, at least 2
   * @param seed of the noise
   * @param range what is scored, or null: the three points and what lies near them
   */
  public record Settings(int grid, int samples, long seed, Range range) {

    public Settings {
      Refuse.argument(grid < 2, "a grid has at least 2 points a side, got %s", grid);
      Refuse.argument(samples < 2, "a score takes at least 2 samples, got %s", samples);
    }
  }

  /**
   * Scores what is not scored yet.
   *
   * @param network of the run's architecture
   * @param cancelled asked between two scores
   * @throws InvalidInputException where it was cancelled; the rows so far are kept
   * @throws IOException where a model cannot be read or a row not be written
   */
  public Landscape score(ComputationGraph network, Settings settings, BooleanSupplier cancelled)
      throws IOException {
    Objective objective = experiment.fid(network, settings.seed(), settings.samples());
    List<String> common = List.of(identity(), text(settings.samples()), text(settings.seed()));
    try (RunLock lock = run.lockLandscape();
        Plane plane = plane()) {
      open();
      Map<String, INDArray> models = models(network);
      Map<String, Plane.Projection> projected = new HashMap<>();
      models.forEach((label, parameters) -> projected.put(label, plane.project(parameters)));
      Range range =
          settings.range() == null
              ? Range.around(List.copyOf(projected.values()))
              : settings.range();
      double[] xs = range.xs(settings.grid());
      double[] ys = range.ys(settings.grid());
      double[][] scores = new double[ys.length][xs.length];
      List<Marker> markers = new ArrayList<>();
      int total = xs.length * ys.length + models.size();
      try (ProgressBar bar = new ProgressBar(err, "landscape", "model", total)) {
        for (String label : models.keySet()) {
          requireNotCancelled(cancelled);
          Plane.Projection at = projected.get(label);
          String hash = Sha256.of(models.get(label)).substring(0, 8);
          List<String> key = key(common, label + " #" + hash);
          double score = score(objective, key, at, models.get(label), null);
          markers.add(new Marker(kind(label), label, at, score));
          bar.advance(1);
        }
        for (int row = 0; row < ys.length; row++) {
          for (int column = 0; column < xs.length; column++) {
            requireNotCancelled(cancelled);
            Plane.Projection at = new Plane.Projection(xs[column], ys[row], 0);
            List<String> key = key(common, "", text(at.x()), text(at.y()));
            scores[row][column] = score(objective, key, at, null, plane);
            bar.update(
                models.size() + row * xs.length + column + 1L, Text.score(scores[row][column]));
          }
        }
      }
      return new Landscape(corners, range, scores, markers, settings.samples(), settings.seed());
    } finally {
      if (rows != null) {
        rows.close();
      }
    }
  }

  private static List<String> key(List<String> common, String... more) {
    return Stream.concat(common.stream(), Stream.of(more)).toList();
  }

  private Plane plane() {
    try {
      return new Plane(corners.parameters().toArray(INDArray[]::new));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("--points: " + e.getMessage());
    }
  }

  /** Of a model, or where that is null of the plane's point. */
  private double score(
      Objective objective, List<String> key, Plane.Projection at, INDArray model, Plane plane)
      throws IOException {
    Double before = known.get(key);
    if (before != null) {
      return before;
    }
    INDArray parameters = model == null ? plane.at(at.x(), at.y()) : model;
    double score = objective.evaluate(parameters).score();
    if (model == null) {
      parameters.close();
    }
    rows.row(
        next++,
        key.get(0),
        key.get(1),
        key.get(2),
        key.get(3),
        text(at.x()),
        text(at.y()),
        text(at.distance()),
        text(score));
    known.put(key, score);
    return score;
  }

  private void open() throws IOException {
    Path file = run.landscape("csv");
    if (Files.exists(file)) {
      List<List<String>> all = InvalidInputException.reading(() -> CsvReader.rows(file));
      for (List<String> row : all.subList(Math.min(1, all.size()), all.size())) {
        boolean point = row.size() == COLUMNS.length && row.get(4).isEmpty();
        if (row.size() == COLUMNS.length) {
          known.put(List.copyOf(row.subList(1, point ? 7 : 5)), Double.valueOf(row.get(8)));
        }
      }
      next = Math.max(0, all.size() - 1);
    }
    rows = InvalidInputException.reading(() -> CsvWriter.resume(file, Long.MAX_VALUE, COLUMNS));
  }

  /** The three models, the run's EMA models, and what its last search found. */
  private Map<String, INDArray> models(ComputationGraph network) throws IOException {
    Map<String, INDArray> models = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      models.put(corners.labels().get(i), corners.parameters().get(i));
    }
    for (double rate : run.emaRates()) {
      models.putIfAbsent("EMA " + rate, LoadedModel.load(run.ema(rate), network).parameters());
    }
    List<Long> merged = run.mergedIterations();
    if (!merged.isEmpty()) {
      long last = merged.get(merged.size() - 1);
      LoadedModel combination = LoadedModel.load(run.recipe(last), network);
      // Models of several time ranges are no single point.
      if (combination.ranges().size() == 1) {
        models.put("LCSC " + last, combination.parameters());
      }
    }
    return models;
  }

  private Kind kind(String label) {
    return corners.labels().contains(label)
        ? Kind.CORNER
        : label.startsWith("EMA") ? Kind.EMA : Kind.LCSC;
  }

  /** The plane in words, and a hash of its models, the configuration, images and features. */
  private String identity() throws IOException {
    StringBuilder all = new StringBuilder();
    corners.parameters().forEach(p -> all.append(Sha256.of(p)));
    all.append(experiment.identity()).append(experiment.features().id());
    return corners.kind()
        + " "
        + String.join(" / ", corners.labels())
        + " #"
        + Sha256.of(all.toString()).substring(0, 8);
  }

  private static void requireNotCancelled(BooleanSupplier cancelled) {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("interrupted, the same command continues");
    }
  }

  private static String text(Object value) {
    return String.valueOf(value);
  }
}
