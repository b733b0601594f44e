package org.lcsc.metrics.onnx;

import org.lcsc.image.ImageResize;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Turns images into a network's input as a {@link Preprocessing} says. Not thread-safe. */
final class ImagePreprocessor {

  private final Preprocessing steps;
  private final String owner;

  /** For the size of image that came last. */
  private ImageResize resize;

  private int height;
  private int width;

  /**
   * A preprocessor.
   *
   * @param owner who asks, for messages
   */
  ImagePreprocessor(Preprocessing steps, String owner) {
    this.steps = steps;
    this.owner = owner;
  }

  /**
   * A network's input.
   *
   * @param shape in the order of the layout
   * @param values row-major
   */
  record Input(long[] shape, float[] values) {}

  /**
   * Preprocesses images.
   *
   * @param images {@code [N, C, H, W]} in [-1, 1]; C is that of the network, or 1
   * @throws IllegalArgumentException where the shape does not fit
   */
  Input apply(INDArray images) {
    if (images.rank() != 4 || (images.size(1) != steps.channels() && images.size(1) != 1)) {
      String channels = steps.channels() == 1 ? "1" : "1 or " + steps.channels();
      throw new IllegalArgumentException(
          Text.format(
              "%s takes images [N, C, H, W] of C = %s, got %s", owner, channels, images.shape()));
    }
    int count = Math.toIntExact(images.size(0));
    int given = Math.toIntExact(images.size(1));
    int newHeight = steps.size() == null ? Math.toIntExact(images.size(2)) : steps.size();
    int newWidth = steps.size() == null ? Math.toIntExact(images.size(3)) : steps.size();
    float[] bytes = HostArrays.floats(images);
    // On the scale of 0 ... 255, which Pillow's rounding needs.
    for (int i = 0; i < bytes.length; i++) {
      double value = bytes[i] * 127.5 + 127.5;
      bytes[i] =
          (float) (steps.quantise() ? Math.max(0, Math.min(255, Math.floor(value + 0.5))) : value);
    }
    if (newHeight != images.size(2) || newWidth != images.size(3)) {
      bytes = resizer(images, newHeight, newWidth).apply(bytes);
    }
    return arrange(bytes, count, given, newHeight, newWidth);
  }

  private ImageResize resizer(INDArray images, int newHeight, int newWidth) {
    int h = Math.toIntExact(images.size(2));
    int w = Math.toIntExact(images.size(3));
    if (resize == null || h != height || w != width) {
      height = h;
      width = w;
      resize = new ImageResize(h, w, newHeight, newWidth, steps.filter(), steps.roundResized());
    }
    return resize;
  }

  private Input arrange(float[] bytes, int count, int given, int newHeight, int newWidth) {
    int channels = steps.channels();
    int plane = newHeight * newWidth;
    boolean first = steps.layout() == Preprocessing.Layout.NCHW;
    float[] values = new float[count * channels * plane];
    double low = steps.range().get(0);
    double high = steps.range().get(1);
    for (int c = 0; c < channels; c++) {
      double scale = (high - low) / 255 / steps.std().get(c);
      double shift = (low - steps.mean().get(c)) / steps.std().get(c);
      for (int n = 0; n < count; n++) {
        int source = (n * given + Math.min(c, given - 1)) * plane;
        int target = first ? (n * channels + c) * plane : n * channels * plane + c;
        int step = first ? 1 : channels;
        for (int p = 0; p < plane; p++) {
          values[target + p * step] = (float) (bytes[source + p] * scale + shift);
        }
      }
    }
    long[] shape =
        first
            ? new long[] {count, channels, newHeight, newWidth}
            : new long[] {count, newHeight, newWidth, channels};
    return new Input(shape, values);
  }
}
