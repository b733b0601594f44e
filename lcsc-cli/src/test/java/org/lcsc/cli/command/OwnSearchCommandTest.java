package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchLog;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OwnSearchCommandTest extends CommandLineTest {

  /** The squared distance of a parameter from what an even mixture of both checkpoints gives. */
  public static final class Distance implements ObjectiveFactory {
    @Override
    public Objective create(long seed, int samples) {
      return Objective.of("distance", parameters -> Math.pow(parameters.getDouble(0) - 3, 2));
    }
  }

  /** The same as a measure to be maximised: at most 100. */
  public static class Closeness implements ObjectiveFactory {
    @Override
    public Objective create(long seed, int samples) {
      return new Objective() {
        @Override
        public String name() {
          return "closeness";
        }

        @Override
        public double scoreOf(double value) {
          return -value;
        }

        @Override
        public Evaluation evaluate(INDArray parameters) {
          double difference = parameters.getDouble(0) - 3;
          return new Evaluation(scoreOf(100 - difference * difference), StageSeconds.ZERO);
        }
      };
    }
  }

  /** The same, which takes its time. */
  public static final class Slow implements ObjectiveFactory {
    @Override
    public Objective create(long seed, int samples) {
      Objective quick = new Distance().create(seed, samples);
      return Objective.of(
          quick.name(),
          parameters -> {
            try {
              Thread.sleep(100);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return quick.evaluate(parameters).score();
          });
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
    Object[] arguments = {"search", file, "--checkpoints", directory.resolve("checkpoints")};
    return lcsc(Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray());
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
    String ema = "0.9=" + directory.resolve("checkpoints/iteration-20.zip");
    assertThat(search(Distance.class.getName(), "--overwrite", "--ema", ema)).isZero();
    assertThat(out.toString()).contains("ema-0.9 ");

    Path exported = directory.resolve("exported.zip");
    succeeds("export", directory.resolve("run"), "--out", exported);
    assertThat(MultiLayerNetwork.load(exported.toFile(), false).params())
        .isEqualTo(MultiLayerNetwork.load(best.toFile(), false).params());
  }

  /** Deleting what a run wrote must not delete what the next one reads. */
  @Test
  void checkpointsWithinTheOutputAreNotOverwritten() throws IOException {
    assertThat(search(Distance.class.getName())).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    Files.move(directory.resolve("checkpoints"), run.resolve("checkpoints"));
    Path checkpoints = run.resolve("checkpoints");
    Path config = run.resolve("config.yaml");
    assertThat(lcsc("search", config, "--checkpoints", checkpoints, "--overwrite")).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(1)
        .contains(run + ": holds ", ", which is needed, allowed: another output");
    assertThat(checkpoints).isNotEmptyDirectory();
    assertThat(run.resolve("lcsc/best.zip")).exists();
  }

  @Test
  void valuesOfTheFileAreReplaced() throws IOException {
    Path other = directory.resolve("other");
    assertThat(
            search(
                Distance.class.getName(),
                "--set",
                "output=" + other,
                "--set",
                "lcsc.search.evaluations=11"))
        .as(err.toString())
        .isZero();
    assertThat(SearchLog.read(other.resolve("lcsc/40/search.csv"))).hasSize(11);
    assertThat(directory.resolve("run")).doesNotExist();
    assertThat(search(Distance.class.getName(), "--set", "lcsc.windo=4")).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("did you mean window?");
  }

  @Test
  void aMeasureThatIsMaximisedIsShownInItsOwnUnits() throws IOException {
    assertThat(search(Closeness.class.getName())).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    assertThat(out.toString() + err).contains("best 100.000", "closeness (fresh)");
    assertThat(out.toString() + err + Files.readString(run.resolve("results.md")))
        .doesNotContain("-99.", "-100.");
    succeeds("report", run);
    String page = Files.readString(run.resolve("report.html"));
    assertThat(page)
        .contains("LCSC raises the closeness of the checkpoints in ", "Higher is better.")
        .contains("goes from 99", "lcsc search ", " --checkpoints " + directory);
    // The directory's name is random, and may be that of a negative number.
    assertThat(page.replace(directory.toString(), ""))
        .doesNotContain("-99", "−99", "-100", "−100", "lcsc sample");
  }

  @Test
  void theReportTellsOfASearchOfOnesOwnNetwork() throws IOException {
    assertThat(search(Distance.class.getName())).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    Files.delete(run.resolve("results.json"));
    succeeds("report", run);
    assertThat(run.resolve("report.html"))
        .content()
        .contains("in search</span>", "<dt>objective</dt><dd>java</dd>")
        .contains("LCSC lowers the distance of", "Lower is better.");
  }

  @Test
  void whatNeedsADataSetSaysThatTheNetworkIsOnesOwn() throws IOException {
    assertThat(search(Distance.class.getName())).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    String own =
        "config.yaml: configures a search of a network of your own (objective), allowed here: a"
            + " configuration with dataset and model";
    refuses(own, "report", run, "--pairs", 2);
    refuses(own, "landscape", run, "--samples", 2, "--seed", 1);
    refuses("own.yaml: configures a search of a", "train", directory.resolve("own.yaml"));
    assertThat(lcsc("plan", directory.resolve("own.yaml"))).isEqualTo(2);
  }

  @Test
  void aSearchThatIsAskedToEndContinues() throws Exception {
    assertThat(search(Slow.class.getName())).as(err.toString()).isZero();
    Path run = directory.resolve("run");
    Map<String, String> expected = RunContents.of(run);
    Files.move(run, directory.resolve("undisturbed"));
    Path log = directory.resolve("log");
    Process child =
        ChildProcess.start(
            log,
            "search",
            directory.resolve("own.yaml"),
            "--checkpoints",
            directory.resolve("checkpoints"));
    Path csv = run.resolve("lcsc/40/search.csv");
    ChildProcess.await(child, () -> Files.exists(csv) && Files.readAllLines(csv).size() > 4);
    child.destroy();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(143);
    assertThat(Files.readString(log))
        .contains("interrupted before the search was done; 'lcsc search --resume " + run);
    assertThat(run.resolve("results.json")).doesNotExist();
    Path config = run.resolve("config.yaml");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("Slow", "Distance"));
    refuses("of another configuration or other data", "search", "--resume", run);
    Files.writeString(config, text);
    succeeds("search", "--resume", run);
    assertThat(RunContents.differences(RunContents.of(run), expected)).isEmpty();
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
