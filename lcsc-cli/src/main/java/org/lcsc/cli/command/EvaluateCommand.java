package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lcsc.cli.CommandFailure;
import org.lcsc.cli.experiment.Experiment;
import org.lcsc.cli.experiment.ModelEvaluation;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.Terminal;
import org.lcsc.cli.output.TextTable;
import org.lcsc.config.Require;
import org.lcsc.datasets.DataSetException;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.export.Recipe;
import org.lcsc.files.AtomicFiles;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.StageSeconds;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores models by FID and KID on fresh noise, beside images held out from training. */
@Command(
    name = "evaluate",
    description = {
      "Score models by FID and KID against the training images.",
      "All models are given the same noise. The last row is the floor: real images that were held"
          + " out from training. FID falls with the number of images, so compare equal numbers;"
          + " KID does not."
    })
public final class EvaluateCommand implements Callable<Integer> {

  @Mixin private ModelOptions models;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Samples of each model. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--seed",
      defaultValue = "9",
      description = {
        "Seed of the noise; fresh if neither search nor validation had it.",
        "Default: ${DEFAULT-VALUE}."
      })
  private long seed;

  @Option(names = "--out", paramLabel = "FILE.json", description = "Also write the scores here.")
  private Path out;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public EvaluateCommand() {}

  @Override
  public Integer call() throws IOException {
    Require.atLeast("--samples", samples, 2);
    if (out != null) {
      OutputFile.check("--out", out, ".json");
    }
    ModelOptions.Loaded loaded = models.load();
    Experiment experiment = loaded.experiment();
    PrintWriter err = spec.commandLine().getErr();
    try {
      experiment.features();
    } catch (IllegalArgumentException e) {
      throw CommandFailure.badInput(e.getMessage());
    }

    ModelEvaluation evaluation = new ModelEvaluation(experiment, samples, seed);
    List<ModelEvaluation.Scores> scores = score(loaded, evaluation);
    ModelEvaluation.Scores floor = null;
    try {
      ImageDataSet heldOut = experiment.heldOut();
      floor = heldOut.size() < 2 ? null : evaluation.score(heldOut);
    } catch (DataSetException e) {
      err.println("lcsc: warning: no held-out images to compare with: " + e.getMessage());
    }
    for (int i = 0; i < scores.size(); i++) {
      if (!scores.get(i).fid().values().stream().allMatch(Double::isFinite)) {
        err.println("lcsc: " + loaded.names().get(i) + ": warning: a sample is not finite");
      }
    }
    err.flush();
    print(loaded, scores, floor);
    return 0;
  }

  private List<ModelEvaluation.Scores> score(
      ModelOptions.Loaded loaded, ModelEvaluation evaluation) {
    SampleGenerator generator = loaded.experiment().generator(loaded.network());
    List<ModelEvaluation.Scores> scores = new ArrayList<>();
    long total = (long) samples * loaded.models().size();
    PrintWriter err = spec.commandLine().getErr();
    try (ProgressBar bar =
        new ProgressBar(err, Terminal.detect(), "evaluating", "samples", total)) {
      for (int i = 0; i < loaded.models().size(); i++) {
        scores.add(evaluation.score(generator, loaded.models().get(i).parameters(), bar::advance));
        // A model that is not finite ends before its last sample.
        bar.update((i + 1L) * samples, loaded.names().get(i));
      }
    }
    return scores;
  }

  private void print(
      ModelOptions.Loaded loaded, List<ModelEvaluation.Scores> scores, ModelEvaluation.Scores floor)
      throws IOException {
    Experiment experiment = loaded.experiment();
    List<String> header = new ArrayList<>(List.of("model", "samples"));
    header.addAll(scores.get(0).fid().keySet());
    header.addAll(List.of("KID", "KID deviation", "sampling s", "features s", "statistics s"));
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (int i = 0; i < scores.size(); i++) {
      row(table, loaded.names().get(i), scores.get(i));
    }
    if (floor != null) {
      row(table, "held-out images", floor);
    }
    PrintWriter writer = spec.commandLine().getOut();
    writer.printf(
        "%s, features %s, noise seed %d, %s%n%n%s",
        experiment.images(),
        experiment.features().id(),
        seed,
        experiment.sampler(),
        table.toText());
    if (out != null) {
      AtomicFiles.writeString(out, json(loaded, scores, floor));
      writer.println("written: " + out);
    }
    writer.flush();
  }

  private static void row(TextTable table, String name, ModelEvaluation.Scores scores) {
    StageSeconds seconds = scores.seconds();
    List<Object> cells = new ArrayList<>(List.of(name, scores.samples()));
    scores.fid().values().forEach(fid -> cells.add(decimals(3, fid)));
    cells.add(decimals(5, scores.kid().mean()));
    cells.add(decimals(5, scores.kid().deviation()));
    cells.add(seconds.sampling() == 0 ? null : decimals(1, seconds.sampling()));
    cells.add(decimals(1, seconds.features()));
    cells.add(decimals(1, seconds.statistics()));
    table.row(cells.toArray());
  }

  private static String decimals(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private String json(
      ModelOptions.Loaded loaded, List<ModelEvaluation.Scores> scores, ModelEvaluation.Scores floor)
      throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("file", loaded.models().get(i).path().toString());
      row.put("sha256", Recipe.sha256(loaded.models().get(i).parameters()));
      row.putAll(entries(scores.get(i)));
      rows.add(row);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("seed", seed);
    root.put("models", rows);
    root.put("heldOut", floor == null ? null : entries(floor));
    root.putAll(loaded.experiment().provenance());
    root.put("versions", Recipe.Versions.current());
    return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static Map<String, Object> entries(ModelEvaluation.Scores scores) {
    Map<String, Object> kid = new LinkedHashMap<>();
    kid.put("mean", finite(scores.kid().mean()));
    kid.put("deviation", finite(scores.kid().deviation()));
    kid.put("subsets", scores.subsets());
    kid.put("subsetSize", scores.subsetSize());
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("sampling", scores.seconds().sampling());
    seconds.put("features", scores.seconds().features());
    seconds.put("statistics", scores.seconds().statistics());
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("samples", scores.samples());
    List<Double> fid = new ArrayList<>(scores.fid().values());
    entries.put("fid", finite(fid.get(0)));
    if (fid.size() > 1) {
      entries.put("fidSecondSpace", finite(fid.get(1)));
    }
    entries.put("kid", kid);
    entries.put("seconds", seconds);
    return entries;
  }

  /** JSON has no NaN. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
