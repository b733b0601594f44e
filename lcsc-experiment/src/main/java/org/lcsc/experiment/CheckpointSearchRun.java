package org.lcsc.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.AtomicFiles;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.SearchControl;
import org.lcsc.search.evaluation.EvaluatorFactory;

/**
 * Searches checkpoints that an earlier training left.
 *
 * <p>Not thread-safe.
 */
public final class CheckpointSearchRun {

  private final Experiment experiment;
  private final Checkpoints source;
  private final RunDirectory directory;
  private final PrintWriter out;
  private final PrintWriter err;
  private EvaluatorFactory evaluators = EvaluatorFactory.LOCAL;

  /** Opens a window of checkpoints. */
  @FunctionalInterface
  public interface Checkpoints {

    /**
     * Opens the window, which the search closes.
     *
     * @param network of the checkpoints' architecture; left alone
     * @param config names number format and storage of the window
     * @param mapped the file of a mapped window
     * @throws IOException where the checkpoints cannot be read
     */
    CheckpointWindow open(ComputationGraph network, RunConfig config, Path mapped)
        throws IOException;
  }

  /**
   * A search.
   *
   * @param experiment data, network and objectives
   * @param source opens the checkpoints, for example {@link CheckpointSource#open}
   * @param directory receives the results
   * @param out the results
   * @param err progress
   */
  public CheckpointSearchRun(
      Experiment experiment,
      Checkpoints source,
      RunDirectory directory,
      PrintWriter out,
      PrintWriter err) {
    this.experiment = experiment;
    this.source = source;
    this.directory = directory;
    this.out = out;
    this.err = err;
  }

  /** Bytes that a search writes: newest weights, merged and best model, of each noise range. */
  public static long bytes(Experiment experiment, ComputationGraph network) {
    int ranges = experiment.timeRanges(experiment.config().lcsc().search()).size();
    return (1 + 2L * ranges) * Float.BYTES * network.numParams();
  }

  /**
   * What scores the candidates; one after the other on this thread by default.
   *
   * @see SearchControl#evaluators
   */
  public CheckpointSearchRun evaluator(EvaluatorFactory evaluators) {
    this.evaluators = Objects.requireNonNull(evaluators, "evaluators");
    return this;
  }

  /**
   * Searches, from the state of the run where it has one.
   *
   * @param network of the experiment; receives the newest checkpoint's parameters
   * @throws IOException where checkpoints cannot be read or results not be written
   * @throws CommandFailure where the checkpoints are of another architecture, the state is of
   *     another configuration or other data, or the search failed and can be resumed
   */
  public void run(ComputationGraph network) throws IOException {
    requireIdentity();
    try (Interruption interruption =
            Interruption.listen(Duration.ofSeconds(30), () -> err.println("lcsc: stopping ..."));
        CheckpointWindow window =
            source.open(network, experiment.config(), directory.state().resolve("window.bin"))) {
      long[] iterations = window.iterations();
      network.setParams(window.checkpoint(iterations.length - 1));
      network
          .getConfiguration()
          .setIterationCount(Math.toIntExact(iterations[iterations.length - 1]));
      out.printf(
          Locale.ROOT,
          "%d checkpoints of iterations %d to %d, %,d parameters%n",
          iterations.length,
          iterations[0],
          iterations[iterations.length - 1],
          window.parameters());
      out.flush();
      search(network, window, interruption);
    } catch (IOException | UncheckedIOException e) {
      throw CommandFailure.inWork(
          directory.cause(e),
          "the state is kept, " + resumeCommand() + " goes on once that is mended");
    }
    if (directory.isFinished()) {
      directory.deleteState();
    }
  }

  private void search(ComputationGraph network, CheckpointWindow window, Interruption interruption)
      throws IOException {
    SearchSession session = new SearchSession(experiment, directory, network, out, err);
    LcscListener listener =
        session.listener(
            LcscListener.from(experiment.config().lcsc(), null).window(window),
            SearchControl.DEFAULT
                .evaluatedBy(evaluators)
                .savedIn(directory.searchStates())
                .cancelledBy(interruption::requested));
    if (listener.searchNow(network).isEmpty()) {
      // Printed here: the process ends, with the signal's exit code, once this method returns.
      err.println("lcsc: interrupted before the search was done; " + resumeCommand() + " goes on");
      err.flush();
      return;
    }
    session.finish(network.getIterationCount());
  }

  /** A state of another configuration or other data is refused. */
  private void requireIdentity() throws IOException {
    Path file = directory.searchIdentity();
    if (!Files.exists(file)) {
      AtomicFiles.writeString(file, experiment.identity());
    } else if (!Files.readString(file, StandardCharsets.UTF_8).equals(experiment.identity())) {
      throw CommandFailure.badInput(
          file
              + ": is of another configuration or other data than "
              + directory.config()
              + " says now, allowed: the ones that the run began with");
    }
  }

  private String resumeCommand() {
    return "'lcsc search --resume " + directory.root() + "'";
  }
}
