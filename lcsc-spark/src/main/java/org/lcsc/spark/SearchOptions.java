package org.lcsc.spark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.run.SearchSource;

/**
 * The arguments of {@link SparkSearch}. Read by hand, so that no library of command lines has to be
 * on every executor.
 *
 * @param config the YAML file; null with {@code resumed}
 * @param resumed the run to resume, or null
 * @param assignments values of the configuration replaced, {@code KEY=VALUE}
 * @param overwrite whether an earlier run is deleted
 * @param source the checkpoints; null with {@code resumed}
 * @param gradientShards the most parts of a gradient's samples
 * @param help whether only the usage is asked for
 */
record SearchOptions(
    Path config,
    Path resumed,
    List<String> assignments,
    boolean overwrite,
    SearchSource source,
    int gradientShards,
    boolean help) {

  static final String HELP =
      """
      spark-submit --class org.lcsc.spark.SparkSearch ... CONFIG --checkpoints DIR [OPTIONS]
      spark-submit --class org.lcsc.spark.SparkSearch ... --resume RUN [--gradient-shards N]

      Search the checkpoints of a training that is over, on a Spark cluster. Configuration,
      checkpoints and data must have the same paths on every machine; the output is written by the
      driver.

        --checkpoints DIR    directory of the checkpoints, or the file of a saved window
        --iteration N        search the window that had ended at this iteration; default: the newest
        --newest N           use only the newest N
        --epochs             Deeplearning4j's listener saved at the ends of epochs
        --set KEY=VALUE      replace a value of the configuration; repeatable
        --out DIR            the run directory; default: output of the configuration
        --overwrite          delete an earlier run there
        --gradient-shards N  the most parts of a gradient's samples, at least the number of
                             executors; default: 16. Gradients differ in their last bits with
                             another number: give it again with --resume
        --resume RUN         resume the interrupted search of this directory
      """;

  private static final Set<String> FLAGS = Set.of("--epochs", "--overwrite", "--help");
  private static final Set<String> VALUES =
      Set.of(
          "--checkpoints",
          "--iteration",
          "--newest",
          "--set",
          "--out",
          "--gradient-shards",
          "--resume");

  /**
   * Reads arguments.
   *
   * @throws InvalidInputException where they are wrong
   */
  static SearchOptions parse(String... arguments) {
    Map<String, String> given = new HashMap<>();
    List<String> assignments = new ArrayList<>();
    String config = null;
    for (int i = 0; i < arguments.length; i++) {
      String[] parts = arguments[i].split("=", 2);
      String name = parts[0];
      if (!name.startsWith("--")) {
        InvalidInputException.when(
            config != null, "%s: a second configuration, allowed: one", arguments[i]);
        config = arguments[i];
      } else if (FLAGS.contains(name) && parts.length == 1) {
        given.put(name, "");
      } else {
        InvalidInputException.when(
            !VALUES.contains(name), "%s: unknown option, allowed: those of --help", name);
        InvalidInputException.when(
            parts.length < 2 && i + 1 == arguments.length, "%s: its value is missing", name);
        String value = parts.length == 2 ? parts[1] : arguments[++i];
        if (name.equals("--set")) {
          assignments.add(value);
        } else {
          given.put(name, value);
        }
      }
    }
    int shards = number(given, "--gradient-shards", 16);
    boolean help = given.containsKey("--help");
    String resumed = given.get("--resume");
    if (help || resumed != null) {
      given.keySet().removeAll(Set.of("--resume", "--gradient-shards"));
      InvalidInputException.when(
          !help && !(given.isEmpty() && assignments.isEmpty() && config == null),
          "--resume: a run continues as it began, allowed: only --gradient-shards beside it");
      return new SearchOptions(
          null, help ? null : Path.of(resumed), List.of(), false, null, shards, help);
    }
    InvalidInputException.when(
        config == null, "missing CONFIG, allowed: a YAML file, or --resume RUN");
    InvalidInputException.when(!given.containsKey("--checkpoints"), "missing --checkpoints DIR");
    if (given.containsKey("--out")) {
      // Quoted: a path may look like another YAML value.
      String out = Path.of(given.get("--out")).toAbsolutePath().toString();
      assignments.add("output='" + out.replace("'", "''") + "'");
    }
    SearchSource source =
        new SearchSource(
            Path.of(given.get("--checkpoints")).toAbsolutePath().normalize().toString(),
            given.containsKey("--epochs"),
            given.containsKey("--iteration") ? (long) number(given, "--iteration", 0) : null,
            given.containsKey("--newest") ? number(given, "--newest", 0) : null);
    return new SearchOptions(
        Path.of(config),
        null,
        assignments,
        given.containsKey("--overwrite"),
        source,
        shards,
        false);
  }

  private static int number(Map<String, String> given, String name, int otherwise) {
    String text = given.getOrDefault(name, String.valueOf(otherwise));
    InvalidInputException.when(
        !text.matches("[0-9]{1,9}") || otherwise != 0 && Integer.parseInt(text) == 0,
        "%s: out of range (%s), allowed: whole numbers from 1",
        name,
        text);
    return Integer.parseInt(text);
  }
}
