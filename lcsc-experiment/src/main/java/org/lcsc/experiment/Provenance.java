package org.lcsc.experiment;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.io.Sha256;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.model.ModelFile;
import org.lcsc.tensor.StateDict;

/**
 * What the models of a run are made from: configuration, images and other models.
 *
 * @param config the configuration
 * @param images the training images
 */
record Provenance(RunConfig config, ImageDataSet images) {

  /** Keys of the files that a run begins with; the others name those that it goes on reading. */
  private static final Set<String> READ_ONCE =
      Set.of("training", "teacher", "teacherConfig", "output");

  /**
   * Configuration, images, teacher and the files of features and distances as a text: what two
   * parts of one training share.
   */
  String identity() throws IOException {
    String teacher = config.model().teacher();
    StringBuilder identity = new StringBuilder(config.toYaml());
    identity.append("\nimages: ").append(images.fingerprint());
    if (teacher != null) {
      identity.append("\nteacher: ").append(sha256(teacher));
    }
    for (String file : files(YamlConfig.toTree(config)).distinct().toList()) {
      for (Path part : config.parts(file)) {
        identity.append("\n").append(part).append(": ").append(Sha256.of(part));
      }
    }
    return identity.toString();
  }

  /** The files that a configuration names. */
  private static Stream<String> files(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .filter(entry -> !READ_ONCE.contains(entry.getKey()))
          .flatMap(entry -> files(entry.getValue()));
    }
    if (tree instanceof List<?> list) {
      return list.stream().flatMap(Provenance::files);
    }
    return tree instanceof String text && text.contains(".") && new File(text).isFile()
        ? Stream.of(text)
        : Stream.empty();
  }

  /**
   * What a recipe tells of the data and the configuration.
   *
   * @param features that models are scored by, those of the search first
   * @param sampling how samples are drawn
   */
  Map<String, Object> entries(List<FeatureExtractor> features, String sampling) throws IOException {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("dataset", images.name());
    entries.put("datasetFingerprint", images.fingerprint());
    entries.put("images", images.size());
    entries.put("shape", images.shape().toString());
    entries.put("features", features.get(0).id());
    if (features.size() > 1) {
      entries.put("secondFeatures", features.get(1).id());
    }
    entries.put("sampler", sampling);
    if (config.model().teacher() != null) {
      entries.put("teacher", sha256(config.model().teacher()));
    }
    if (config.training().from() != null) {
      entries.put("from", sha256(config.training().from()));
    }
    entries.put("config", config.toYaml());
    return entries;
  }

  /**
   * Hash of a model's parameters, as recipes give it, of a released file or a recipe that of its
   * bytes. Searches of checkpoints that are there already do without the teacher: where its file is
   * gone, its name stands for it.
   */
  private static String sha256(String model) throws IOException {
    Path file = Path.of(model);
    if (!Files.exists(file)) {
      return "not there: " + model;
    }
    try {
      return StateDict.isOne(file) || model.endsWith(".json")
          ? Sha256.of(StateDict.files(file))
          : Sha256.of(ModelFile.parameters(file));
    } catch (IOException e) {
      throw new IOException(model + ": " + e.getMessage(), e);
    }
  }
}
