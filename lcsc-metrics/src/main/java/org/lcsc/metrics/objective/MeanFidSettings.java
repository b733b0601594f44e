package org.lcsc.metrics.objective;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.metrics.ConcatenatedFeatures;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureSource;
import org.lcsc.metrics.GeometricMeanDistance;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/**
 * The geometric mean of FID in several feature spaces ({@link GeometricMeanDistance}): what a
 * search gains in one by losing in another is no gain. Dividing each by its value on held-out
 * images would change the unit alone. What decides on validation noise also looks in spaces that
 * the search does not descend in.
 *
 * @param spaces what the search descends in, as {@link RealImages#space} names them, at least one
 * @param judges spaces that decide beside them; default: {@code second}, where there is one
 */
@Kind("mean-fid")
public record MeanFidSettings(List<String> spaces, @OptionalKey List<String> judges)
    implements ObjectiveSettings {

  /**
   * The space of the search and random projections of the pixels.
   *
   * <p>TABLE
   */
  public MeanFidSettings() {
    this(List.of(RealImages.FIRST, "random-projection"), null);
  }

  public MeanFidSettings {
    spaces = Require.distinct("spaces", spaces);
    named("spaces", spaces);
    if (judges != null) {
      judges = Require.noDuplicates("judges", judges);
      named("judges", judges);
      List<String> all = Stream.concat(spaces.stream(), judges.stream()).toList();
      Require.noDuplicates("judges", all);
    }
  }

  /** Those of the spaces that are not of the run. */
  private static List<FeatureSource> named(String key, List<String> names) {
    return IntStream.range(0, names.size())
        .filter(i -> !RealImages.OWN.contains(names.get(i)))
        .mapToObj(i -> named(key + "[" + i + "]", names.get(i)))
        .toList();
  }

  private static FeatureSource named(String key, String name) {
    try {
      return FeatureSource.named(key, name);
    } catch (InvalidValueException e) {
      throw new InvalidValueException(key, e.problem() + ", " + String.join(", ", RealImages.OWN));
    }
  }

  /**
   * Checks the spaces against the run that they are of.
   *
   * @param gradient whether the search descends in them
   * @param own feature spaces that the run names
   * @throws org.lcsc.config.InvalidValueException where one is missing, or has no gradient
   */
  public void check(boolean gradient, int own) {
    boolean second =
        spaces.contains(RealImages.SECOND) || judges != null && judges.contains(RealImages.SECOND);
    Require.not(
        second && own < 2,
        "spaces",
        "no second feature space, allowed: a second entry of features, or without it");
    for (FeatureSource source : gradient ? named("spaces", spaces) : List.<FeatureSource>of()) {
      Require.not(
          !source.isDifferentiable(),
          "spaces",
          "no gradients through %s, allowed: it among the judges, or a strategy without gradients",
          source.kind());
    }
  }

  @Override
  public Map<String, String> featureSpaces() {
    Map<String, String> named = new LinkedHashMap<>();
    put(named, "spaces", spaces);
    put(named, "judges", judges == null ? List.of() : judges);
    return named;
  }

  private static void put(Map<String, String> named, String key, List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      if (!RealImages.OWN.contains(names.get(i))) {
        named.put(key + "[" + i + "]", names.get(i));
      }
    }
  }

  /** Adds a space unless it is there under another name: the first may be one of those named. */
  private static void addNew(List<MultiFid.Space> spaces, MultiFid.Space space) {
    if (spaces.stream().noneMatch(s -> s.extractor().id().equals(space.extractor().id()))) {
      spaces.add(space);
    }
  }

  @Override
  public Objective create(Inputs inputs) throws IOException {
    RealImages real = inputs.service(RealImages.class);
    List<MultiFid.Space> opened = new ArrayList<>();
    for (String name : spaces) {
      addNew(opened, real.space(name));
    }
    int searched = opened.size();
    if (inputs.gradient()) {
      return FeatureObjective.of(
          inputs,
          new ConcatenatedFeatures(
              opened.stream()
                  .map(space -> DifferentiableFeatureExtractor.require(space.extractor()))
                  .toList()),
          new GeometricMeanDistance(opened.stream().map(MultiFid.Space::reference).toList()));
    }
    if (inputs.deciding()) {
      for (String judge : judges == null ? real.judges() : judges) {
        addNew(opened, real.space(judge));
      }
    }
    return new FidObjective(
        inputs.generator(),
        inputs.noise(),
        inputs.samples(),
        inputs.batchSize(),
        opened,
        opened.size() > searched ? "mean-fid, judged" : "mean-fid");
  }
}
