package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureSource;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.metrics.objective.RealImages;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The feature spaces that a run is scored in: those it names, else those of this library for its
 * data set. The first is that of the search; the others are only reported, and so show whether a
 * search overfits its metric. Networks are read, and statistics of the training images made, when
 * first asked for. Not thread-safe.
 */
public final class FeatureSpaces implements RealImages {

  /** Name of FID in the space of the search. */
  public static final String FIRST = "FID";

  /** Name of FID in the independent space, in which no search descends. */
  public static final String SECOND = "FID (2nd space)";

  /** Name of FID in the self-supervised space, which nothing in a search sees. */
  public static final String THIRD = "FID (3rd space)";

  private static final String SPACES = "lcsc.objective.spaces";

  /** Images per forward pass. */
  private static final int BATCH = 500;

  private final RunConfig config;
  private final ImageDataSet images;
  private final FeaturesListener listener;
  private Map<String, FeatureExtractor> extractors;
  private List<MultiFid.Space> withReferences;

  /** Spaces that an objective names, by these names. */
  private final Map<String, MultiFid.Space> others = new HashMap<>();

  /**
   * The spaces of a run.
   *
   * @param images its training images
   * @param listener is called while their statistics are made
   */
  FeatureSpaces(RunConfig config, ImageDataSet images, FeaturesListener listener) {
    this.config = config;
    this.images = images;
    this.listener = listener;
  }

  /**
   * The networks of this library for a data set: that of the search, and where there are any the
   * independent second and the self-supervised third.
   *
   * @throws InvalidInputException where there is none for this data set and shape
   */
  public static List<FeatureExtractor> ofDataSet(String dataSet, ImageShape shape) {
    List<FeatureExtractor> own = new ArrayList<>();
    try {
      own.add(FeatureNetworks.forDataSet(dataSet, shape));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
    for (Architecture other : List.of(Architecture.COARSE, Architecture.MASKED)) {
      if (FeatureNetworks.exists(dataSet, shape, other)) {
        own.add(FeatureNetworks.trained(dataSet, shape, other).extractor());
      }
    }
    return own;
  }

  /**
   * Adds a space that the user names.
   *
   * @param spaces extractors by the name of FID in their space
   * @param key the option or key that names it, for messages
   * @param text as {@link FeatureSource#named} takes it
   * @throws InvalidInputException where the text names none, or the file is missing or wrong
   * @throws org.lcsc.config.InvalidValueException where there is one of that name already
   */
  public static void add(
      Map<String, FeatureExtractor> spaces, String key, String text, ImageShape shape) {
    FeatureSource source;
    try {
      source = FeatureSource.named(key, text);
    } catch (InvalidValueException e) {
      throw new InvalidInputException(e);
    }
    String name = FIRST + " (" + InvalidInputException.reading(source::name) + ")";
    Require.not(
        spaces.put(name, InvalidInputException.reading(() -> source.open(shape))) != null,
        key,
        "two feature spaces of one name (%s), allowed: different ones",
        text);
  }

  /**
   * Refuses feature networks, that of the loss among them, that are there and cannot be used, as
   * far as the images are known without their files.
   *
   * @throws InvalidInputException in one line
   */
  public static void check(RunConfig config) {
    DataSetSettings.Known known = config.dataset().known().orElse(null);
    if (known == null || known.channels() == 0) {
      return;
    }
    ImageShape shape = new ImageShape(known.channels(), known.side(), known.side());
    String key = null;
    try {
      for (Map.Entry<String, String> named : config.featureFiles().entrySet()) {
        key = named.getKey();
        if (Files.exists(Path.of(named.getValue()))) {
          FeatureSource source = FeatureSource.named(key, named.getValue());
          InvalidInputException.reading(
              () -> {
                source.check(shape);
                return null;
              });
        }
      }
      key = "model.consistency.backbone";
      PerceptualDistance distance = config.model().perceptual();
      if (distance != null && Files.exists(Path.of(distance.file()))) {
        distance.check(shape.channels(), shape.height(), shape.width());
      }
    } catch (IllegalArgumentException | InvalidInputException e) {
      throw new InvalidInputException(key + ": " + e.getMessage());
    }
  }

  /** Name of FID in a space that the user does not name, counted from 0. */
  public static String name(int space) {
    return switch (space) {
      case 0 -> FIRST;
      case 1 -> SECOND;
      case 2 -> THIRD;
      default -> "FID (space " + (space + 1) + ")";
    };
  }

  /**
   * Scores by the place of their space instead of its name: so runs in spaces of different names
   * can be compared.
   *
   * @param scores by name, in the order of the spaces
   */
  public static Map<String, Double> byPlace(Map<String, Double> scores) {
    Map<String, Double> renamed = new LinkedHashMap<>();
    scores.values().forEach(score -> renamed.put(name(renamed.size()), score));
    return renamed;
  }

  @Override
  public FeatureExtractor extractor() {
    return extractors().get(0);
  }

  @Override
  public FrechetDistance.Reference statistics() throws IOException {
    return withReferences().get(0).reference();
  }

  @Override
  public MultiFid.Space space(String name) throws IOException {
    List<MultiFid.Space> own = withReferences();
    return switch (name) {
      case RealImages.FIRST -> own.get(0);
      case RealImages.SECOND -> {
        Require.not(
            own.size() < 2, SPACES, "no second feature space, allowed: one that features names");
        yield own.get(1);
      }
      default -> {
        if (!others.containsKey(name)) {
          Map<String, FeatureExtractor> opened = new LinkedHashMap<>();
          add(opened, SPACES, name, images.shape());
          others.put(name, space(name, opened.values().iterator().next()));
        }
        yield others.get(name);
      }
    };
  }

  private MultiFid.Space space(String name, FeatureExtractor extractor) throws IOException {
    return new MultiFid.Space(
        name,
        extractor,
        FrechetDistance.against(ReferenceStatistics.of(images, extractor, listener)));
  }

  @Override
  public List<String> judges() {
    return named().size() < 2 ? List.of() : List.of(RealImages.SECOND);
  }

  @Override
  public INDArray features(int count) {
    int size = Math.min(count, images.size());
    // The images of a folder lie one class after the other.
    int[] spread =
        IntStream.range(0, size).map(i -> (int) ((long) i * images.size() / size)).toArray();
    List<INDArray> rows = new ArrayList<>();
    for (int first = 0; first < size; first += BATCH) {
      int[] batch = Arrays.copyOfRange(spread, first, Math.min(size, first + BATCH));
      rows.add(extractor().extract(images.batch(batch)));
    }
    return Nd4j.vstack(rows);
  }

  /** The extractors, that of the search first. */
  List<FeatureExtractor> extractors() {
    return List.copyOf(named().values());
  }

  /** The extractors by the name of FID in their space, that of the search first. */
  private Map<String, FeatureExtractor> named() {
    if (extractors == null) {
      ImageShape shape = images.shape();
      Map<String, FeatureExtractor> all = new LinkedHashMap<>();
      if (config.features() == null) {
        ofDataSet(config.dataset().kind(), shape).forEach(own -> all.put(name(all.size()), own));
      } else {
        config.features().forEach(text -> add(all, "features", text, shape));
      }
      extractors = all;
    }
    return extractors;
  }

  /**
   * The spaces with the statistics of the training images in them, that of the search first.
   *
   * @throws IOException where new statistics cannot be kept
   */
  List<MultiFid.Space> withReferences() throws IOException {
    if (withReferences == null) {
      List<MultiFid.Space> all = new ArrayList<>();
      for (Map.Entry<String, FeatureExtractor> space : named().entrySet()) {
        all.add(space(space.getKey(), space.getValue()));
      }
      withReferences = List.copyOf(all);
    }
    return withReferences;
  }
}
