package org.lcsc.cli.landscape;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.model.CheckpointDirectory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The three models that span a landscape.
 *
 * @param kind what they are, for titles
 * @param labels a short name for each
 * @param parameters of each, {@code [P]} float
 */
public record Corners(String kind, List<String> labels, List<INDArray> parameters) {

  private static final String ALLOWED =
      "allowed: checkpoints, checkpoints:N,N,N, ema, ema:RATE,RATE,RATE, window-ema:RATE, or three"
          + " model files FILE,FILE,FILE";

  /**
   * Reads them.
   *
   * @param text {@code checkpoints} for the oldest, the middle and the newest of the kept window,
   *     {@code checkpoints:N,N,N} for those of three iterations; {@code ema} for three of the run's
   *     EMA models, {@code ema:RATE,RATE,RATE} for those of three rates; {@code window-ema:RATE}
   *     for the EMA over the window at three iterations, a third of it apart, as the paper's second
   *     row has them; or three model files
   * @param run the run
   * @param network of its architecture
   * @throws InvalidInputException where the text is none of these, or a model is missing
   */
  public static Corners read(String text, RunDirectory run, ComputationGraph network)
      throws IOException {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    List<String> given =
        colon < 0 ? List.of() : Arrays.asList(text.substring(colon + 1).split(",", -1));
    return switch (kind) {
      case "checkpoints" -> checkpoints(given, run, network);
      case "ema" -> averages(given, run, network);
      case "window-ema" -> windowAverages(text, given, run, network);
      default -> files(text, network);
    };
  }

  private static Corners checkpoints(List<String> given, RunDirectory run, ComputationGraph network)
      throws IOException {
    List<CheckpointFile> kept = kept(run);
    List<CheckpointFile> chosen = new ArrayList<>();
    if (given.isEmpty()) {
      chosen.addAll(spread(kept));
    } else {
      for (String iteration : three(given)) {
        chosen.add(
            kept.stream()
                .filter(entry -> String.valueOf(entry.iteration()).equals(iteration.strip()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new InvalidInputException(
                            format(
                                "--points: no checkpoint of iteration %s in %s, allowed: %s to %s",
                                iteration,
                                run.checkpoints(),
                                kept.get(0).iteration(),
                                kept.get(kept.size() - 1).iteration()))));
      }
    }
    return of(
        "checkpoints",
        chosen.stream().map(entry -> "iteration " + entry.iteration()).toList(),
        chosen.stream().map(CheckpointFile::file).toList(),
        network);
  }

  private static Corners averages(List<String> given, RunDirectory run, ComputationGraph network)
      throws IOException {
    List<Double> rates = run.emaRates();
    List<Double> chosen = new ArrayList<>();
    if (given.isEmpty()) {
      InvalidInputException.when(
          rates.size() < 3, "--points ema: %s has %s EMA models, needed: 3", run, rates.size());
      chosen.addAll(spread(rates));
    } else {
      for (String rate : three(given)) {
        chosen.add(rate(rate));
      }
    }
    return of(
        "EMA models",
        chosen.stream().map(rate -> "EMA " + rate).toList(),
        chosen.stream().map(run::ema).toList(),
        network);
  }

  private static Corners windowAverages(
      String text, List<String> given, RunDirectory run, ComputationGraph network)
      throws IOException {
    InvalidInputException.when(
        given.size() != 1, "--points: no single rate (%s), %s", text, ALLOWED);
    double rate = rate(given.get(0));
    InvalidInputException.when(
        kept(run).size() < 3, "--points: %s has fewer than 3 files", run.checkpoints());
    List<String> labels = new ArrayList<>();
    List<INDArray> parameters = new ArrayList<>();
    LoadedModel.load(kept(run).get(0).file(), network);
    try (CheckpointWindow window = CheckpointDirectory.open(run.checkpoints()).load()) {
      long[] iterations = window.iterations();
      for (int third = 1; third <= 3; third++) {
        int size = Math.max(third, third * iterations.length / 3);
        double[] coefficients =
            Arrays.copyOf(
                EmaCoefficients.of(rate, LongStream.of(iterations).limit(size).toArray()),
                iterations.length);
        labels.add("EMA " + given.get(0).strip() + " at " + iterations[size - 1]);
        parameters.add(window.merge(coefficients));
      }
    }
    return new Corners("EMAs over the window", labels, parameters);
  }

  private static Corners files(String text, ComputationGraph network) {
    List<Path> files = Arrays.stream(text.split(",")).map(String::strip).map(Path::of).toList();
    InvalidInputException.when(files.size() != 3, "--points: unknown (%s), %s", text, ALLOWED);
    return of("models", LoadedModel.names(files), files, network);
  }

  private static Corners of(
      String kind, List<String> labels, List<Path> files, ComputationGraph network) {
    return new Corners(
        kind,
        labels,
        files.stream().map(file -> LoadedModel.load(file, network).parameters()).toList());
  }

  private static List<CheckpointFile> kept(RunDirectory run) {
    InvalidInputException.when(
        !Files.isDirectory(run.checkpoints()),
        "%s: no checkpoints, needed: a run of 'lcsc train --keep-checkpoints', or --points ema",
        run.checkpoints());
    return InvalidInputException.reading(
        () -> CheckpointDirectory.open(run.checkpoints()).checkpoints());
  }

  /** The first, the middle and the last. */
  private static <T> List<T> spread(List<T> all) {
    return List.of(all.get(0), all.get((all.size() - 1) / 2), all.get(all.size() - 1));
  }

  private static List<String> three(List<String> given) {
    InvalidInputException.when(given.size() != 3, "--points: %s values, %s", given.size(), ALLOWED);
    return given;
  }

  private static double rate(String text) {
    try {
      double rate = Double.parseDouble(text.strip());
      if (rate > 0 && rate < 1) {
        return rate;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new InvalidInputException(
        "--points: not a rate (" + text + "), allowed: more than 0 and less than 1");
  }
}
