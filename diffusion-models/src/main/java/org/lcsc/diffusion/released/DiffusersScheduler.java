package org.lcsc.diffusion.released;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.schedule.BetaSchedule;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.io.Json;

/**
 * The file {@code scheduler_config.json} of diffusers, which tells the chain that a network was
 * trained on. Stateless and thread-safe.
 */
final class DiffusersScheduler {

  static final String FILE = "scheduler_config.json";

  /** A schedule is that of a file where every beta agrees so far, relatively: float32's. */
  private static final double TOLERANCE = 1e-5;

  private static final Map<Prediction, String> PREDICTIONS =
      Map.of(Prediction.EPSILON, "epsilon", Prediction.X0, "sample", Prediction.V, "v_prediction");

  private DiffusersScheduler() {}

  /**
   * The chain that a file beside the weights tells, or in the folder {@code scheduler} beside
   * theirs, as pipelines have it.
   *
   * @throws IOException where a network here cannot be of that chain
   */
  static Optional<ReleasedChain> read(Path weights) throws IOException {
    Path beside = weights.toAbsolutePath().resolveSibling(FILE);
    Path folder = beside.getParent().resolveSibling("scheduler").resolve(FILE);
    for (Path path : new Path[] {beside, folder}) {
      if (Files.isRegularFile(path)) {
        return Optional.of(chain(new JsonConfig(path, Json.read(path))));
      }
    }
    return Optional.empty();
  }

  private static ReleasedChain chain(JsonConfig config) throws IOException {
    if (!config.root().hasNonNull("beta_schedule")) {
      throw config.refused(
          "beta_schedule", "none: " + config.text("_class_name", "no class"), "that of a chain");
    }
    config.require("rescale_betas_zero_snr", "false");
    config.require("use_flow_sigmas", "false");
    int steps = config.number("num_train_timesteps", NoiseSchedule.REFERENCE_STEPS);
    if (steps != NoiseSchedule.REFERENCE_STEPS) {
      // Their network is given t, one here 1000 t / T.
      throw config.refused("num_train_timesteps", steps, "" + NoiseSchedule.REFERENCE_STEPS);
    }
    String told = config.text("prediction_type", "epsilon");
    Prediction prediction =
        PREDICTIONS.entrySet().stream()
            .filter(entry -> entry.getValue().equals(told))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(
                () -> config.refused("prediction_type", told, "epsilon, sample or v_prediction"));
    IntToDoubleFunction betas = betas(config, steps);
    for (BetaSchedule schedule : Parts.of(BetaSchedule.class).values()) {
      if (IntStream.range(0, steps)
          .allMatch(t -> isClose(betas.applyAsDouble(t), schedule.beta(t, steps)))) {
        return new ReleasedChain(schedule, steps, prediction);
      }
    }
    throw config.refused(
        "beta_schedule, beta_start and beta_end",
        config.text("beta_schedule", null)
            + " from "
            + betas.applyAsDouble(0)
            + " to "
            + betas.applyAsDouble(steps - 1),
        "those of noiseSchedule " + String.join(", ", Parts.of(BetaSchedule.class).keySet()));
  }

  private static boolean isClose(double one, double other) {
    return Math.abs(one - other) <= TOLERANCE * other;
  }

  private static IntToDoubleFunction betas(JsonConfig config, int steps) throws IOException {
    JsonNode trained = config.root().path("trained_betas");
    if (trained.isArray()) {
      return t -> trained.path(t).asDouble();
    }
    double start = config.root().path("beta_start").asDouble(1e-4);
    double end = config.root().path("beta_end").asDouble(0.02);
    String schedule = config.text("beta_schedule", null);
    return switch (schedule) {
      case "linear" -> t -> start + (end - start) * t / (steps - 1);
      case "scaled_linear" -> {
        double from = Math.sqrt(start);
        double to = Math.sqrt(end);
        yield t -> Math.pow(from + (to - from) * t / (steps - 1), 2);
      }
      case "sigmoid" ->
          t -> start + (end - start) / (1 + Math.exp(6 - 12 * (double) t / (steps - 1)));
      // Its ends are no matter.
      case "squaredcos_cap_v2" -> t -> new BetaSchedules.Cosine().beta(t, steps);
      default ->
          throw config.refused(
              "beta_schedule", schedule, "linear, scaled_linear, squaredcos_cap_v2 or sigmoid");
    };
  }

  /** The text of such a file; empty where diffusers has no such chain. */
  static Optional<String> text(ReleasedChain chain) {
    int steps = chain.steps();
    if (steps != NoiseSchedule.REFERENCE_STEPS) {
      return Optional.empty();
    }
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("_class_name", "DDPMScheduler");
    json.put("num_train_timesteps", steps);
    // Without effect beside trained_betas, but every such file has it.
    json.put("beta_schedule", "linear");
    json.put("prediction_type", PREDICTIONS.get(chain.prediction()));
    var betas = json.putArray("trained_betas");
    IntStream.range(0, steps).forEach(t -> betas.add(chain.noiseSchedule().beta(t, steps)));
    return Optional.of(json.toPrettyString() + "\n");
  }
}
