package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.cli.Main;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;

class OwnSearchCommandTest {

  /** The squared distance of a parameter from what an even mixture of both checkpoints gives. */
  public static final class Distance implements ObjectiveFactory {
    @Override
    public Objective create(long seed, int samples) {
      return new Objective() {
        @Override
        public String name() {
          return "distance";
        }

        @Override
        public Evaluation evaluate(INDArray parameters) {
          double difference = parameters.getDouble(0) - 3;
          return new Evaluation(difference * difference, new StageSeconds(0, 0, 0, 0));
        }
      };
    }
  }

  /** Without the constructor that is needed. */
  public static final class Other implements ObjectiveFactory {
    /** Needs something. */
    public Other(String something) {}

    @Override
    public Objective create(long seed, int samples) {
      return null;
    }
  }

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void saveCheckpoints() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                .build());
    network.init();
    for (int i : new int[] {2, 4}) {
      network.setParams(Nd4j.valueArrayOf(1, network.numParams(), i));
      CheckpointDirectory.save(directory.resolve("checkpoints"), network, 10L * i);
    }
  }

  private int search(String objective, String... more) throws IOException {
    Path file = directory.resolve("own.yaml");
    Files.writeString(
        file,
        """
        objective: %s
        lcsc:
          window: 40
          interval: 20
          searchAt: [40]
          search: { evaluations: 40, strategy: evolution, seed: 7 }
        output: %s
        """
            .formatted(objective, directory.resolve("run")));
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String[] arguments = {
      "search", file.toString(), "--checkpoints", directory.resolve("checkpoints").toString()
    };
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return command.execute(all);
  }

  @Test
  void searchesANetworkThatOnlyItsCheckpointsDescribe() throws IOException {
    assertThat(search(Distance.class.getName())).as(err.toString()).isZero();
    assertThat(out.toString()).contains("LCSC").contains("last");
    Path best = directory.resolve("run/lcsc/best.zip");
    MultiLayerNetwork merged = MultiLayerNetwork.load(best.toFile(), false);
    assertThat(Math.abs(merged.params().getDouble(0) - 3)).isLessThan(0.2);
    assertThat(directory.resolve("run/state")).doesNotExist();
    // The run is whole: another one does not overwrite it by itself.
    assertThat(search(Distance.class.getName())).isEqualTo(2);
    assertThat(search(Distance.class.getName(), "--overwrite")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"com.example.Nowhere", "java.lang.String"})
  void aClassThatIsNoneIsOneLine(String name) throws IOException {
    assertOneLine(name);
  }

  @Test
  void aClassThatCannotBeMadeIsOneLine() throws IOException {
    assertOneLine(Other.class.getName());
  }

  private void assertOneLine(String name) throws IOException {
    assertThat(search(name)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString().toLowerCase(Locale.ROOT))
        .contains("own.yaml")
        .contains("objective")
        .contains(name.toLowerCase(Locale.ROOT));
    assertThat(directory.resolve("run")).doesNotExist();
  }
}
