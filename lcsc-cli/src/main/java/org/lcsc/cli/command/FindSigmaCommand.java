package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.lcsc.cli.output.TextTable;
import org.lcsc.config.Require;
import org.lcsc.consistency.ConsistencySampler;
import org.lcsc.consistency.MiddleSigmaSearch;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.metrics.objective.FidObjective;
import org.lcsc.objective.ImageSamples;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds the second noise level of two-step sampling. */
@Command(
    name = "find-sigma",
    description = {
      "Find the best second noise level of a consistency model's two-step sampling.",
      "A ternary search by FID, every level on the same noise. Use what it finds with --sigmas of"
          + " sample and evaluate, or as sampler.sigmas."
    })
final class FindSigmaCommand extends TextCommand {

  @Mixin private ModelOptions models;
  @Mixin private NoiseOptions noise = new NoiseOptions(2000, 8);

  @Option(
      names = "--levels",
      paramLabel = "N",
      defaultValue = "40",
      description = "Levels between 80 and 0.002 to choose from. Default: ${DEFAULT-VALUE}.")
  private int levels;

  @Override
  int run() throws IOException {
    Require.atLeast("--levels", levels, 3);
    noise.check();
    models.requireNoSigmas();
    ModelOptions.Loaded loaded = models.load();
    Experiment experiment = loaded.experiment();
    if (!(experiment.config().sampler() instanceof ConsistencySampler.Settings)) {
      throw new InvalidInputException(
          loaded.models().get(0).path() + ": is no consistency model, which this command needs");
    }
    for (int i = 0; i < loaded.models().size(); i++) {
      MiddleSigmaSearch.Result found = search(loaded, loaded.models().get(i));
      TextTable table = new TextTable("sigma", "FID");
      found
          .evaluated()
          .forEach(
              (sigma, score) ->
                  table.row(
                      format("%.6g%s", sigma, sigma == found.sigma() ? " <- best" : ""),
                      format("%.3f", score)));
      print("%s%n%s%n", loaded.names().get(i), table.toText());
      out().flush();
    }
    return 0;
  }

  private MiddleSigmaSearch.Result search(ModelOptions.Loaded loaded, LoadedModel model)
      throws IOException {
    Experiment experiment = loaded.experiment();
    var reference = experiment.reference();
    int batch = Math.min(noise.samples(), experiment.sampleBatch());
    return MiddleSigmaSearch.search(
        levels,
        sigma -> {
          SampleGenerator generator =
              ImageSamples.eightBit(
                  experiment.generator(loaded.network(), List.of(sigma), model.ranges()));
          Objective fid =
              new FidObjective(
                  generator,
                  new SeededNoise(noise.seed()),
                  noise.samples(),
                  batch,
                  experiment.features(),
                  reference);
          double score = fid.evaluate(model.parameters()).score();
          err().printf(Locale.ROOT, "sigma %.6g: FID %.3f%n", sigma, score);
          err().flush();
          return score;
        });
  }
}
