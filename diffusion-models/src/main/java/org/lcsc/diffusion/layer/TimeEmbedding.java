package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Sinusoidal embedding of the diffusion time: {@code [N, 1]} to {@code [N, size]}. Not trained, and
 * no gradient flows to the time. Frequencies are 10000^(-i / d) for i = 0 .. size/2 - 1.
 */
public final class TimeEmbedding extends NoiseFeatures {

  /** The two conventions of the literature. */
  public enum Form {
    /** [sin, cos], d = size/2 - 1: DDPM and DDIM. */
    SIN_COS,
    /** [cos, sin], d = size/2: improved DDPM and ADM. */
    COS_SIN
  }

  @JsonProperty private int size;
  @JsonProperty private Form form;

  /** For Jackson. */
  private TimeEmbedding() {}

  /**
   * An embedding.
   *
   * @param size number of outputs, even, at least 4
   * @param form which convention
   * @throws IllegalArgumentException where {@code size} is odd or too small
   */
  public TimeEmbedding(int size, Form form) {
    this.size = atLeast(4, "size", size);
    Refuse.argument(size % 2 != 0, "size: expected an even number, got %s", size);
    this.form = form;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(size);
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    return waves(graph, input, frequencies(), form == Form.SIN_COS);
  }

  @Override
  Object[] settings() {
    return new Object[] {size, form};
  }

  private double[] frequencies() {
    int half = size / 2;
    double denominator = form == Form.SIN_COS ? half - 1 : half;
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = Math.exp(-Math.log(10_000) * i / denominator);
    }
    return frequencies;
  }

  @Override
  double[] features(double[] times) {
    int half = size / 2;
    double[] values = new double[times.length * size];
    double[] frequencies = frequencies();
    int sine = form == Form.SIN_COS ? 0 : half;
    for (int i = 0; i < half; i++) {
      double frequency = frequencies[i];
      for (int n = 0; n < times.length; n++) {
        values[n * size + sine + i] = Math.sin(times[n] * frequency);
        values[n * size + half - sine + i] = Math.cos(times[n] * frequency);
      }
    }
    return values;
  }
}
