package org.lcsc.experiment.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.lcsc.config.ConfigException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.OrName;
import org.lcsc.config.Require;
import org.lcsc.config.YamlConfig;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.search.config.LcscConfig;

/**
 * The configuration of a search of checkpoints of a network that this project does not know.
 *
 * <pre>{@code
 * objective: { kind: command, run: "python eval.py {model}" }
 * lcsc:
 *   window: 100
 *   interval: 4
 *   searchAt: [200]
 *   search: { evaluations: 60, strategy: evolution, seed: 7 }
 * output: runs/digits
 * }</pre>
 *
 * @param objective what scores a model: a command, or the name of a class (see {@link
 *     org.lcsc.listener.JavaObjective})
 * @param exclude regular expressions for whole names of tensors that are not combined; default:
 *     none
 * @param lcsc the search, as in a training; when to search has an effect only where a training is
 *     followed
 * @param follow how a training is followed
 * @param output the run directory, relative to the working directory
 */
public record OwnSearchConfig(
    @OrName(kind = "java", key = "name") ObjectiveSettings objective,
    @OptionalKey List<String> exclude,
    LcscConfig lcsc,
    @OptionalKey FollowConfig follow,
    String output) {

  /** The key that tells such a file from a {@link RunConfig}. */
  public static final String KEY = "objective";

  /** What an expression of {@code exclude} is for. */
  public static final String OF_TENSORS = "names of tensors, such as .*running_.*";

  /**
   * Refuses such a file where the configuration of a training is read: its keys are right, but
   * there is no data set and no model that this project knows.
   *
   * @throws ConfigException where it is one, cannot be read, or is no mapping
   */
  public static void refuse(Path file) throws ConfigException {
    Set<String> keys = YamlConfig.keys(file);
    if (keys.contains(KEY) && !keys.contains("dataset") && !keys.contains("model")) {
      throw new ConfigException(
          file.toString(),
          "configures a search of a network of your own (objective), allowed here: a configuration"
              + " with dataset and model");
    }
  }

  public OwnSearchConfig {
    Objects.requireNonNull(objective, KEY);
    Objects.requireNonNull(lcsc, "lcsc");
    exclude = exclude == null ? List.of() : Require.noDuplicates("exclude", exclude);
    for (int i = 0; i < exclude.size(); i++) {
      Require.pattern("exclude[" + i + "]", exclude.get(i), OF_TENSORS);
    }
    lcsc =
        lcsc.with(lcsc.search().decided(objective.givesGradient()), lcsc.objective(), lcsc.keep());
    checkEffects(lcsc);
    follow = follow == null ? new FollowConfig() : follow;
    checkUntil(follow.until(), lcsc);
    Require.notBlank("output", output);
  }

  private static void checkEffects(LcscConfig lcsc) {
    Require.not(
        !lcsc.search().keepRecall(),
        "lcsc.search.keepRecall",
        "has no effect with an objective of your own (false), allowed: true, or nothing");
    Require.not(
        lcsc.search().gradientSamples() != null,
        "lcsc.search.gradientSamples",
        "has no effect with an objective of your own (%s), allowed: nothing",
        lcsc.search().gradientSamples());
  }

  private static void checkUntil(Integer until, LcscConfig lcsc) {
    int first = lcsc.schedule().first();
    Require.not(
        until != null && until < first,
        "follow.until",
        "before the first search (%s, the first is at %s), allowed: %s or more",
        until,
        first,
        first);
  }

  /** What decides the scores of its models, as a text. */
  public String identity() {
    return YamlConfig.toYaml(new OwnSearchConfig(objective.measure(), exclude, lcsc, null, "."));
  }

  /** The run directory. */
  public Path outputDirectory() {
    return Path.of(output);
  }
}
