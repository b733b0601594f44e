package org.lcsc.cli.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointDirectory;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.cli.Interruption;
import org.lcsc.cli.run.RunDirectory;
import org.lcsc.config.StorageConfig;
import org.lcsc.listener.LcscListener;

/**
 * Searches checkpoints that an earlier training left as model files.
 *
 * <p>Not thread-safe.
 */
public final class CheckpointSearchRun {

  private final Experiment experiment;
  private final CheckpointDirectory checkpoints;
  private final RunDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;

  /**
   * A search.
   *
   * @param experiment data, network and objectives
   * @param checkpoints the model files
   * @param directory receives the results
   * @param out the results
   * @param err progress
   */
  public CheckpointSearchRun(
      Experiment experiment,
      CheckpointDirectory checkpoints,
      RunDirectory directory,
      PrintWriter out,
      PrintWriter err) {
    this.experiment = experiment;
    this.checkpoints = checkpoints;
    this.directory = directory;
    this.out = out;
    this.err = err;
  }

  /**
   * Searches.
   *
   * @param network of the experiment; receives the newest checkpoint's parameters
   * @throws IOException where checkpoints cannot be read or results not be written
   * @throws org.lcsc.cli.CommandFailure where the checkpoints are of another architecture
   */
  public void run(ComputationGraph network) throws IOException {
    List<CheckpointDirectory.Entry> entries = checkpoints.checkpoints();
    CheckpointDirectory.Entry newest = entries.get(entries.size() - 1);
    // One file stands for all: the directory compares them with each other.
    network.setParams(ModelFile.load(newest.file(), network).parameters());
    network.getConfiguration().setIterationCount(Math.toIntExact(newest.iteration()));
    try (Interruption interruption =
            Interruption.listen(Duration.ofSeconds(30), () -> err.println("lcsc: stopping ..."));
        CheckpointWindow window = checkpoints.load(this::storage)) {
      long[] iterations = window.iterations();
      out.printf(
          Locale.ROOT,
          "%d checkpoints of iterations %d to %d, %,d parameters%n",
          iterations.length,
          iterations[0],
          iterations[iterations.length - 1],
          window.parameters());
      out.flush();
      SearchSession session = new SearchSession(experiment, directory, network, out, err);
      LcscListener listener =
          session.listener(LcscListener.builder().window(window), interruption::requested);
      if (listener.searchNow(network).isEmpty()) {
        // Printed here: the process ends, with the signal's exit code, once this method returns.
        err.println("lcsc: interrupted before the search was done");
        err.flush();
        return;
      }
      session.finish(network.getIterationCount());
    }
  }

  private CheckpointWindowBuilder storage(CheckpointWindowBuilder builder) {
    StorageConfig storage = experiment.config().lcsc().storage();
    builder.dataType(SearchSettings.dataType(storage));
    return storage.kind() == StorageConfig.Kind.MAPPED
        ? builder.mapped(directory.state().resolve("window.bin"))
        : builder.inMemory();
  }
}
