package org.lcsc.experiment;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.output.ProgressBar;
import org.lcsc.experiment.output.Terminal;
import org.lcsc.experiment.run.RunDirectoryException;
import org.lcsc.experiment.run.StudyDirectory;
import org.lcsc.listener.EmaGrid;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchInterruptedException;
import org.lcsc.search.SearchListener;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.NoiseSetConfig;
import org.lcsc.search.config.SearchConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs search strategies on the same checkpoints and records how the best score falls. Every
 * variant starts from the same averages over the window, whose scores are the first evaluations of
 * the strategies that begin with them. Not thread-safe.
 */
public final class StrategyStudy {

  private static final List<String> COLUMNS =
      List.of("variant", "seed", "evaluations", "seconds", "search");

  private final Experiment experiment;
  private final CheckpointWindow window;
  private final PrintWriter out;
  private final PrintWriter err;

  /** Scores on fresh noise by groups, ranges and fingerprint: strategies share their starts. */
  private final Map<List<Object>, List<Double>> fresh = new HashMap<>();

  /** What scores on fresh noise, for every choice of time ranges. */
  private final Map<TimeRanges, MultiFid> reports = new HashMap<>();

  /**
   * A strategy with its settings.
   *
   * @param label its name in the table
   * @param lcsc the configuration; its search section says what is run
   */
  public record Variant(String label, LcscConfig lcsc) {

    /** Seed of search noise and strategy. */
    long seed() {
      return lcsc.search().seed();
    }
  }

  /**
   * A study.
   *
   * @param experiment data, network and feature space
   * @param window the checkpoints
   * @param out the table
   * @param err progress
   */
  public StrategyStudy(
      Experiment experiment, CheckpointWindow window, PrintWriter out, PrintWriter err) {
    this.experiment = experiment;
    this.window = window;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs all variants, one after the other.
   *
   * @param marks numbers of evaluations, ascending, at which a row is written; evaluations on a
   *     share of the samples count as that share
   * @param csv receives the rows {@code variant, seed, evaluations, seconds, search} with the best
   *     score so far on search noise, and that candidate's scores on fresh noise in every feature
   *     space, {@code fresh FID} first
   * @param resume whether rows of finished variants and seeds stay as they are, and the search that
   *     was interrupted goes on; the scores are then those of a study that nothing disturbed
   * @throws org.lcsc.experiment.run.RunDirectoryException where the study cannot be gone on with
   * @throws CommandFailure where it failed and can be gone on with
   */
  public void run(List<Variant> variants, int[] marks, Path csv, boolean resume)
      throws IOException {
    ComputationGraph network = experiment.newNetwork();
    LcscConfig first = variants.get(0).lcsc();
    List<String> columns = new ArrayList<>(COLUMNS);
    experiment.spaces().forEach(space -> columns.add("fresh " + space.name()));
    String[] titles = columns.toArray(String[]::new);
    String identity =
        String.format(
            Locale.ROOT,
            "%s\ncheckpoints: %s\nmarks: %s\n",
            experiment.identity(),
            Arrays.toString(window.checksums()),
            Arrays.toString(marks));
    try (Interruption interruption =
            Interruption.listen(Duration.ofSeconds(30), () -> err.println("lcsc: stopping ..."));
        StudyDirectory study = StudyDirectory.open(csv, identity, resume)) {
      StudyRows finished = StudyRows.read(csv, marks);
      try (CsvWriter rows = CsvWriter.resume(csv, finished::isFinished, titles)) {
        for (Variant variant : variants) {
          if (!finished.isFinished(variant.label(), variant.seed())) {
            Trace trace = search(network, variant, marks, study, interruption);
            write(rows, network, first.report(), variant, trace, marks);
            study.deleteSearch(variant.label(), variant.seed());
          }
        }
      } catch (SearchInterruptedException e) {
        // Printed here: the process ends, with the signal's exit code, once this method returns.
        err.println("lcsc: interrupted before the study was done; --resume goes on");
        err.flush();
        return;
      } catch (RunDirectoryException e) {
        throw e;
      } catch (IOException | UncheckedIOException e) {
        throw CommandFailure.inWork(
            e, "finished rows and the state are kept, --resume goes on once that is mended");
      }
      out.print(StudyRows.read(csv, marks).table(variants));
      out.flush();
    }
  }

  /** All rows of a search at once: where one is missing, the search counts as unfinished. */
  private void write(
      CsvWriter rows,
      ComputationGraph network,
      NoiseSetConfig noise,
      Variant variant,
      Trace trace,
      int[] marks)
      throws IOException {
    for (int i = 0; i < marks.length; i++) {
      Trace.Mark mark = trace.marks[i];
      List<Object> row = new ArrayList<>();
      row.add(variant.label());
      row.add(variant.seed());
      row.add(marks[i]);
      row.add(String.format(Locale.ROOT, "%.3f", mark.seconds()));
      row.add(mark.best());
      row.addAll(fresh(network, noise, mark.coefficients(), trace.space));
      rows.row(row.toArray());
    }
  }

  private Trace search(
      ComputationGraph network,
      Variant variant,
      int[] marks,
      StudyDirectory study,
      Interruption interruption)
      throws IOException {
    try {
      return search(network, variant, marks, study, interruption::requested);
    } catch (LostLogException e) {
      // After a crash of the machine the log may lack what the state has.
      study.deleteSearch(variant.label(), variant.seed());
      return search(network, variant, marks, study, interruption::requested);
    }
  }

  private Trace search(
      ComputationGraph network,
      Variant variant,
      int[] marks,
      StudyDirectory study,
      BooleanSupplier cancelled)
      throws IOException {
    study.requirePresent();
    SearchConfig search = variant.lcsc().search();
    Objective objective = experiment.searched(network, search);
    Space space =
        new Space(
            ParameterGrouping.configured(search.groups()).of(network),
            experiment.timeRanges(search));
    CheckpointMerger merger = CheckpointMerger.of(window, space.groups(), space.ranges());
    double[][] starts = starts(merger.groups());
    try (ProgressBar bar =
        new ProgressBar(err, Terminal.detect(), variant.label(), "eval", search.evaluations())) {
      Trace trace = new Trace(marks, space, bar);
      CheckpointSearch.builder(merger, search.factory(objective).create(starts, merger), objective)
          .budget(search.budget(objective))
          .listener(trace)
          .state(study.searchState(variant.label(), variant.seed()))
          .log(study.searchLog(variant.label(), variant.seed()))
          .logCoefficients(true)
          .cancelledBy(cancelled)
          .build()
          .run();
      trace.finish();
      return trace;
    }
  }

  /** The averages over the window that a search of a run starts from. */
  private double[][] starts(int groups) {
    long[] iterations = window.iterations();
    return Arrays.stream(EmaGrid.of(iterations))
        .mapToObj(rate -> Coefficients.repeated(EmaCoefficients.of(rate, iterations), groups))
        .toArray(double[][]::new);
  }

  /** The scores in every feature space. */
  private List<Double> fresh(
      ComputationGraph network, NoiseSetConfig noise, double[] coefficients, Space space)
      throws IOException {
    List<Object> key = List.of(space, Coefficients.fingerprint(coefficients));
    if (!fresh.containsKey(key)) {
      if (!reports.containsKey(space.ranges())) {
        reports.put(
            space.ranges(),
            experiment.report(network, noise.seed(), noise.samples(), space.ranges()));
      }
      CheckpointMerger merger = CheckpointMerger.of(window, space.groups(), space.ranges());
      INDArray merged = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, merger.parameters());
      merger.merge(new double[][] {coefficients}, merged);
      MultiFid.Result result =
          reports.get(space.ranges()).evaluateAll(merged.reshape(merged.length()));
      fresh.put(key, List.copyOf(result.scores().values()));
      merged.close();
    }
    return fresh.get(key);
  }

  /** What has coefficients of its own. */
  private record Space(ParameterGroups groups, TimeRanges ranges) {}

  /** The log of a search lacks evaluations that its state counts. */
  private static final class LostLogException extends RuntimeException {

    private static final long serialVersionUID = 1;
  }

  /** Where a search stood at every mark. */
  private static final class Trace implements SearchListener {

    private final int[] at;
    private final Space space;
    private final Mark[] marks;
    private final ProgressBar bar;
    private int next;
    private double seconds;
    private Mark last = new Mark(Double.POSITIVE_INFINITY, 0, null);

    /** The best score so far with its coefficients, and the seconds it took. */
    private record Mark(double best, double seconds, double[] coefficients) {}

    Trace(int[] at, Space space, ProgressBar bar) {
      this.space = space;
      this.at = at;
      this.bar = bar;
      marks = new Mark[at.length];
    }

    @Override
    public void resumed(int evaluations, List<SearchEvaluation> logged) {
      if (logged.size() != evaluations) {
        throw new LostLogException();
      }
      logged.forEach(this::evaluated);
    }

    @Override
    public void evaluated(SearchEvaluation evaluation) {
      seconds += evaluation.seconds().total();
      boolean better = last.coefficients() == null || evaluation.best() < last.best();
      last =
          new Mark(
              evaluation.best(), seconds, better ? evaluation.coefficients() : last.coefficients());
      while (next < at.length && evaluation.cost() >= at[next]) {
        marks[next++] = last;
      }
      bar.update(
          (long) evaluation.cost(), String.format(Locale.ROOT, "best %.3f", evaluation.best()));
    }

    /** A strategy may end before its budget does. */
    void finish() {
      while (next < at.length) {
        marks[next++] = last;
      }
    }
  }
}
