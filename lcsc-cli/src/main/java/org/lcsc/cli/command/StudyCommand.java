package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.CommandFailure;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.StrategyStudy;
import org.lcsc.experiment.StrategyStudy.Variant;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.search.config.SearchConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compares search strategies on the same checkpoints.
 *
 * <p>Not thread-safe.
 */
@Command(
    name = "study",
    description = {
      "Compare search strategies on the same checkpoints at equal budgets.",
      "Writes a CSV of the best score so far, and of its score on fresh noise, against evaluations"
          + " and seconds."
    })
public final class StudyCommand implements Callable<Integer> {

  @Mixin private ConfigOptions options;
  @Mixin private CheckpointOptions checkpoints;

  @Option(
      names = "--variant",
      required = true,
      paramLabel = "STRATEGY[:KEY=VALUE,...]",
      description =
          "A strategy with settings of its own or of lcsc.search, for example pca-cma-es:components=20."
              + " Repeatable.")
  private List<String> variants;

  @Option(
      names = "--seeds",
      split = ",",
      defaultValue = "1",
      paramLabel = "N,...",
      description = "Seeds of search noise and strategy; default: ${DEFAULT-VALUE}.")
  private List<Long> seeds;

  @Option(
      names = "--marks",
      split = ",",
      paramLabel = "N,...",
      description =
          "Numbers of evaluations at which the best so far is scored on fresh noise; default: the"
              + " whole budget, its half, quarter, and so on down to 10.")
  private List<Integer> marks;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The CSV file.")
  private Path csv;

  @Option(
      names = "--resume",
      description =
          "Go on with the study of the CSV file: rows of finished variants and seeds stay, an"
              + " interrupted search goes on to the same result.")
  private boolean resume;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public StudyCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    SearchSource source = checkpoints.source();
    RunConfig config = options.readSearch();
    List<Variant> parsed = new ArrayList<>();
    // Once each: rows are told apart by variant and seed.
    for (String variant : new LinkedHashSet<>(variants)) {
      for (long seed : new LinkedHashSet<>(seeds)) {
        parsed.add(variant(variant, seed));
      }
    }
    int[] at = marks(config);
    CheckpointDirectory found = CheckpointOptions.open(source);
    Experiment experiment = Experiment.loadFor(options.file(), config);
    try (CheckpointWindow window = found.load()) {
      new StrategyStudy(experiment, window, out, err).run(parsed, at, csv, resume);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.badInput(List.of(e));
    }
    return 0;
  }

  /** The configuration with the variant's settings, checked before any work starts. */
  private Variant variant(String text, long seed) throws IOException {
    int colon = text.indexOf(':');
    List<String> all = new ArrayList<>();
    all.add("lcsc.search.strategy=" + (colon < 0 ? text : text.substring(0, colon)));
    all.add("lcsc.search.seed=" + seed);
    if (colon >= 0) {
      // A comma within a list, as in timeRanges=[0.5,5], separates no settings.
      Arrays.stream(text.substring(colon + 1).split(",(?![^\\[]*\\])"))
          .forEach(setting -> all.add("lcsc.search." + place(setting) + setting));
    }
    return new Variant(text, options.readWith(all).lcsc());
  }

  /** What is no key of the search is one of the strategy. */
  private static String place(String setting) {
    String key = setting.split("[.=]", 2)[0];
    boolean ofSearch =
        Arrays.stream(SearchConfig.class.getRecordComponents())
            .anyMatch(component -> component.getName().equals(key));
    return ofSearch ? "" : "strategy.";
  }

  private int[] marks(RunConfig config) {
    int budget = config.lcsc().search().evaluations();
    List<Integer> chosen = marks;
    if (chosen == null) {
      chosen = new ArrayList<>();
      for (int mark = budget; mark >= 10 || mark == budget; mark /= 2) {
        chosen.add(mark);
      }
    }
    for (int mark : chosen) {
      if (mark < 1 || mark > budget) {
        throw CommandFailure.badInput(
            "--marks: out of range (" + mark + "), allowed: 1 to the evaluations, " + budget);
      }
    }
    return chosen.stream().mapToInt(i -> i).sorted().distinct().toArray();
  }
}
