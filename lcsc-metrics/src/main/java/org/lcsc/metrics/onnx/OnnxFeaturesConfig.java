package org.lcsc.metrics.onnx;

import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlConfig;

/**
 * An ONNX file and how to use it. For features:
 *
 * <pre>{@code
 * name: inception
 * model: inception-2015-12-05.onnx
 * preprocessing: { size: 299, filter: bilinear, range: [-1, 1] }
 * features: pool3
 * logits: logits
 * }</pre>
 *
 * <p>For LPIPS: {@code layers} in place of {@code features}, and {@code weights}.
 *
 * @param name of the feature space, for tables
 * @param model the ONNX file, relative to the YAML file
 * @param preprocessing how images become its input; default {@link Preprocessing#DEFAULT}
 * @param input name of its input; default null: the only one
 * @param features name of the output that holds the features, {@code [N, D]}, or {@code [N, D, h,
 *     w]}, which is averaged over the positions
 * @param logits name of the output {@code [N, classes]} whose softmax are class probabilities, for
 *     the Inception Score; default null: none
 * @param layers names of the outputs {@code [N, C, h, w]} that LPIPS compares
 * @param weights NumPy archive of LPIPS's weights, {@code lin0}, {@code lin1} ... one array of C
 *     values per layer, relative to the YAML file
 * @param batchSize most images per run; default 32
 * @param threads native threads; default 0: ONNX Runtime decides
 */
public record OnnxFeaturesConfig(
    String name,
    String model,
    @OptionalKey Preprocessing preprocessing,
    @OptionalKey String input,
    @OptionalKey String features,
    @OptionalKey String logits,
    @OptionalKey List<String> layers,
    @OptionalKey String weights,
    @OptionalKey Integer batchSize,
    @OptionalKey Integer threads) {

  /** Fills in the defaults and validates. */
  public OnnxFeaturesConfig {
    Require.notBlank("name", name);
    Require.notBlank("model", model);
    preprocessing = preprocessing == null ? Preprocessing.DEFAULT : preprocessing;
    Require.not(
        (features == null) == (layers == null),
        "features",
        "%s, allowed: the name of the output with the features, or for LPIPS layers: [NAME, ...]",
        features == null ? "missing" : "beside layers (" + features + ")");
    if ((layers == null) != (weights == null)) {
      throw new InvalidValueException(
          "weights", "must be given with layers and only then, for LPIPS (" + weights + ")");
    }
    if (layers != null) {
      layers = Require.distinct("layers", layers);
      if (logits != null) {
        throw new InvalidValueException(
            "logits", "has no effect with layers (" + logits + "), allowed: only with features");
      }
    }
    batchSize = Require.atLeast("batchSize", batchSize == null ? 32 : batchSize, 1);
    threads = Require.atLeast("threads", threads == null ? 0 : threads, 0);
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it is missing, unreadable or wrong
   */
  public static OnnxFeaturesConfig read(Path file) throws ConfigException {
    return YamlConfig.read(file, OnnxFeaturesConfig.class);
  }

  /** Whether the file describes a network for LPIPS. */
  public boolean isLpips() {
    return layers != null;
  }
}
