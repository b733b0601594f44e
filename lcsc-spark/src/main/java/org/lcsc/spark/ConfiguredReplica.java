package org.lcsc.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.io.Refuse;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;

/**
 * The replica of a run configuration: FID of the configured data set on search and validation
 * noise.
 *
 * @param yaml the configuration's text; paths in it, and the checkpoints', must be valid on every
 *     machine
 * @param checkpoints the checkpoints on shared storage
 */
public record ConfiguredReplica(String yaml, CheckpointSource checkpoints)
    implements ReplicaFactory {

  public ConfiguredReplica {
    Objects.requireNonNull(yaml, "yaml");
    Objects.requireNonNull(checkpoints, "checkpoints");
  }

  @Override
  public Replica open() throws IOException {
    RunConfig config = YamlConfig.parse("configuration", yaml, RunConfig.class);
    LcscConfig lcsc = config.lcsc();
    Refuse.argument(lcsc == null, "lcsc: missing, a search needs its settings");
    Experiment experiment = Experiment.load(config);
    ComputationGraph network = experiment.newNetwork();
    TimeRanges ranges = experiment.config().timeRanges(lcsc.search());
    Path mapped = windowFile();
    CheckpointWindow window = checkpoints.open(network, config, mapped);
    AutoCloseable resources =
        () -> {
          window.close();
          Files.deleteIfExists(mapped);
          Files.deleteIfExists(mapped.getParent());
        };
    try {
      return new Replica(
          CheckpointMerger.of(
              window, ParameterGrouping.configured(lcsc.search().groups()).of(network), ranges),
          experiment.searched(network, lcsc.search()),
          experiment.objective(
              network, lcsc.validation().seed(), lcsc.validation().samples(), ranges),
          resources);
    } catch (IOException | RuntimeException e) {
      window.close();
      throw e;
    }
  }

  /**
   * The file of a mapped window, not made yet; in memory none is made. It ends with the process:
   * nobody closes the replica that an executor has when it ends.
   */
  static Path windowFile() throws IOException {
    Path directory = Files.createTempDirectory("lcsc-window");
    Path file = directory.resolve("window.bin");
    // What was named last is deleted first.
    directory.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    return file;
  }
}
