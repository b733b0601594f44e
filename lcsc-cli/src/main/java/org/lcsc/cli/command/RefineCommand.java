package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.cli.output.TextTable;
import org.lcsc.config.InvalidValueException;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.WeightDescent;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Text;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Descends a search's objective in all weights of a model. */
@Command(
    name = "refine",
    description = {
      "Descend the objective of a search in all weights of a model.",
      "Where a search combines checkpoints, this moves every weight, by Adam on fresh noise, and"
          + " keeps the weights of the lowest score on validation noise. Objective, noise and"
          + " keepRecall are those of the section lcsc of the configuration, whose strategy must be"
          + " gradient.",
      "The model is written whenever validation finds a better one."
    })
final class RefineCommand extends TextCommand {

  private static final double ONE_STEP_RATE = 3e-4;
  private static final double RATE = 1e-4;

  @Mixin private ModelOptions models;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE.zip",
      required = true,
      description = "The model to write.")
  private Path out;

  @Option(names = "--force", description = "Replace FILE.zip.")
  private boolean force;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      defaultValue = "40",
      description = "What it may cost, counted as a search counts it. Default: ${DEFAULT-VALUE}.")
  private int evaluations;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description =
          "Of Adam, falling linearly to 0. Default: "
              + ONE_STEP_RATE
              + " where one network evaluation makes an image, "
              + RATE
              + " divided by their number where several do.")
  private Double learningRate;

  @Override
  int run() throws IOException {
    OutputFile.checkModel("--out", out, force);
    InvalidInputException.when(
        models.paths().size() > 1, "got %s models, allowed: one", models.paths().size());
    InvalidInputException.when(
        learningRate != null && !(learningRate > 0 && learningRate < 1),
        "--learning-rate: must be above 0 and below 1 (%s)",
        learningRate);
    InvalidInputException.when(
        evaluations < 1, "--evaluations: must be at least 1 (%s)", evaluations);
    ModelOptions.Loaded loaded = models.load();
    LoadedModel model = loaded.models().get(0);
    Experiment experiment = loaded.experiment();
    LcscConfig lcsc = experiment.config().lcsc();
    InvalidInputException.when(
        model.ranges().size() > 1, "%s: is several models, allowed: one", model.path());
    InvalidInputException.when(
        lcsc == null, "%s: its configuration has no section lcsc, needed here", model.path());
    InvalidInputException.when(
        !lcsc.search().strategy().wantsGradients(),
        "lcsc.search.strategy: has no gradients (%s), allowed here: gradient",
        lcsc.search().strategy().kind());
    try {
      descend(loaded, model);
    } catch (InvalidValueException e) {
      throw e.key().equals("evaluations")
          ? new InvalidInputException("--evaluations: " + e.problem())
          : e;
    }
    return 0;
  }

  private void descend(ModelOptions.Loaded loaded, LoadedModel model) throws IOException {
    ComputationGraph network = loaded.network();
    int perImage = loaded.experiment().sampler().evaluations();
    double usual = perImage == 1 ? ONE_STEP_RATE : RATE / perImage;
    double rate = learningRate == null ? usual : learningRate;
    WeightDescent.Result result =
        new WeightDescent(rate, evaluations)
            .descend(
                loaded.experiment(),
                network,
                model.parameters(),
                (step, steps, score, refusal, best) -> {
                  if (step == 0) {
                    err().println(format("learning rate %.3g", rate));
                  }
                  String why = refusal == null ? "" : ", not taken: " + refusal;
                  err()
                      .println(
                          format(
                              "step %d/%d: validation %s%s", step, steps, Text.score(score), why));
                  err().flush();
                  if (best != null && step > 0) {
                    write(network, best);
                  }
                });
    if (result.endedAt() > 0) {
      err()
          .println(
              format(
                  "warning: the objective is not finite at step %d, the descent ended there",
                  result.endedAt()));
    }
    if (!result.improved()) {
      write(network, result.parameters());
      err().println("warning: nothing on the path was better, the model is written as it was");
    }
    print("%s%n", table(loaded, model.parameters(), result));
    written(out);
  }

  private void write(ComputationGraph network, INDArray parameters) throws IOException {
    network.setParams(parameters);
    AtomicFiles.write(out, stream -> ModelSerializer.writeModel(network, stream, false));
  }

  private static String table(
      ModelOptions.Loaded loaded, INDArray start, WeightDescent.Result result) throws IOException {
    LcscConfig lcsc = loaded.experiment().config().lcsc();
    MultiFid report =
        loaded
            .experiment()
            .report(
                loaded.network(), lcsc.report().seed(), lcsc.report().samples(), TimeRanges.ONE);
    Map<String, Double> before = report.evaluateAll(start).scores();
    Map<String, Double> after = report.evaluateAll(result.parameters()).scores();
    List<String> columns = new ArrayList<>(List.of("model", "validation"));
    before.keySet().forEach(space -> columns.add(space + " (fresh)"));
    TextTable table = new TextTable(columns.toArray(String[]::new));
    table.row(cells(loaded.names().get(0), result.startScore(), before));
    table.row(cells("refined", result.score(), after));
    return table.toText();
  }

  private static Object[] cells(String name, double validation, Map<String, Double> fresh) {
    List<String> cells = new ArrayList<>(List.of(name, Text.score(validation)));
    fresh.values().forEach(score -> cells.add(Text.score(score)));
    return cells.toArray();
  }
}
