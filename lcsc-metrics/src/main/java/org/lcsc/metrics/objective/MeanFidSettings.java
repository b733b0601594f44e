package org.lcsc.metrics.objective;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.metrics.ConcatenatedFeatures;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.GeometricMeanDistance;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/**
 * The geometric mean of FID in several feature spaces ({@link GeometricMeanDistance}): what a search gains
 * in one by losing in another is no gain. Dividing each by its
 * value on held-out images would change the unit alone. Validation, which picks the result and stops the
 * training, also looks in spaces that the search does not descend in.
 *
 * @param spaces what the search descends in, as {@link RealImages#space} names them, at least one;
 *     all must have a gradient
 * @param judges spaces that decide beside them on validation noise; may be empty
 */
@Kind("mean-fid")
public record MeanFidSettings(List<String> spaces, List<String> judges)
    implements ObjectiveSettings {

  /** The features and the moments of the first network, and pixels; judged by the second too. */
  public MeanFidSettings() {
    this(List.of("first", "moments", "random-projection"), List.of("second"));
  }

  /** Checks the names. */
  public MeanFidSettings {
    spaces = Require.distinct("spaces", spaces);
    judges = List.copyOf(judges);
    Require.distinct("judges", Stream.concat(spaces.stream(), judges.stream()).toList());
  }

  @Override
  public ObjectiveSettings validation() {
    return new MeanFidSettings(
        Stream.concat(spaces.stream(), judges.stream()).toList(), List.of());
  }

  @Override
  public Objective create(Inputs inputs) throws IOException {
    RealImages real = inputs.service(RealImages.class);
    List<MultiFid.Space> opened = new ArrayList<>();
    for (String space : spaces) {
      opened.add(real.space(space));
    }
    return new FeatureObjective(
        (DifferentiableSampleGenerator) inputs.generator(),
        inputs.noise(),
        inputs.samples(),
        inputs.gradientSamples(),
        inputs.batchSize(),
        new ConcatenatedFeatures(
            opened.stream()
                .map(space -> DifferentiableFeatureExtractor.require(space.extractor()))
                .toList()),
        new GeometricMeanDistance(opened.stream().map(MultiFid.Space::reference).toList()));
  }
}
