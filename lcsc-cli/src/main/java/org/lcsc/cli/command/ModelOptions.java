package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.consistency.ConsistencySampler;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Models, and what to sample them with: the options that several commands share. */
final class ModelOptions {

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description =
          "Model files (.zip), or their recipes (.json), as models by noise level need it.")
  private List<Path> models;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration of the models. Default: config.yaml of the run they are in.")
  private Path config;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of the sampler. Default: those of the configuration.")
  private Integer steps;

  @Option(
      names = "--sigmas",
      paramLabel = "S",
      split = ",",
      description =
          "Noise levels of a consistency model's evaluations after the first, comma-separated."
              + " Default: those of the configuration.")
  private List<Double> sigmas;

  /** The models with all that is needed to sample them. */
  record Loaded(
      Experiment experiment,
      ComputationGraph network,
      List<String> names,
      List<LoadedModel> models) {}

  /**
   * Loads configuration, data and models.
   *
   * @throws IOException where a file is missing or wrong
   */
  Loaded load() throws IOException {
    return load(models, run -> run);
  }

  /** The files that the user named. */
  List<Path> paths() {
    return models;
  }

  /** Whether the user named a configuration. */
  boolean hasConfiguration() {
    return config != null;
  }

  /** Refuses options of a sampler where nothing is sampled. */
  void requireNoSampler() {
    InvalidInputException.when(steps != null, "--steps: has no effect without a model");
    InvalidInputException.when(sigmas != null, "--sigmas: has no effect without a model");
  }

  /** Refuses noise levels where the command chooses them. */
  void requireNoSigmas() {
    InvalidInputException.when(
        sigmas != null, "--sigmas: has no effect (%s), the command looks for them", sigmas);
  }

  /**
   * Loads configuration, data and some of the models.
   *
   * @param models model files; may be empty where the user named a configuration
   * @param change of the configuration, by what the command's other options say
   * @throws IOException where a file is missing or wrong
   */
  Loaded load(List<Path> models, UnaryOperator<RunConfig> change) throws IOException {
    Map.Entry<Path, RunConfig> found = LoadedModel.configuration(config, models);
    Experiment experiment;
    try {
      experiment = Experiment.load(change.apply(withSampler(found.getValue())));
    } catch (InvalidValueException e) {
      throw new ConfigException(found.getKey().toString(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(found.getKey() + ": " + e.getMessage());
    }
    ComputationGraph network = experiment.newNetwork();
    return new Loaded(
        experiment,
        network,
        LoadedModel.names(models),
        models.stream().map(model -> LoadedModel.load(model, network)).toList());
  }

  private RunConfig withSampler(RunConfig run) {
    if (steps == null && sigmas == null) {
      return run;
    }
    try {
      SamplerSettings sampler = run.sampler();
      if (sigmas != null) {
        if (!(sampler instanceof ConsistencySampler.Settings settings)) {
          throw new InvalidInputException("--sigmas: only for consistency models");
        }
        sampler = settings.withSigmas(sigmas);
      }
      if (steps != null) {
        sampler = Parts.with(sampler, Map.of("steps", steps));
      }
      return run.sampledBy(sampler);
    } catch (InvalidValueException e) {
      throw new InvalidInputException((steps != null ? "--steps: " : "--sigmas: ") + e.problem());
    }
  }
}
