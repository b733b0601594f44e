package org.lcsc.diffusion.backbone;

import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How images {@code [N, C, H, W]} in [-1, 1] become the input of a feature network, and the adjoint
 * of that. Thread-safe.
 *
 * @param channels of the network; grey images are repeated to as many; 0 for those of the images
 * @param side that images are resized to, bilinearly without aligned corners (PyTorch's {@code
 *     interpolate}); 0 for their own
 * @param mean subtracted from each channel; null for 0
 * @param deviation what the difference is divided by, above 0; null for 1
 */
public record ImageInput(int channels, int side, double[] mean, double[] deviation) {

  /** This, but for what another says. */
  public ImageInput or(ImageInput other) {
    return new ImageInput(
        channels,
        other.side > 0 ? other.side : side,
        other.mean == null ? mean : other.mean,
        other.deviation == null ? deviation : other.deviation);
  }

  /**
   * The network's input.
   *
   * @return a new array {@code [N, channels, side, side]} of the type
   * @throws IllegalArgumentException where the images have another number of channels
   */
  public INDArray of(INDArray images, DataType type) {
    INDArray x = images.castTo(type).dup('c');
    if (side > 0) {
      x = resampled(x, matrix(x.size(2), type), matrix(x.size(3), type), false);
    }
    if (isRepeated(images)) {
      x = Nd4j.concat(1, repeated(x)).dup('c');
    }
    Refuse.argument(
        channels > 0 && x.size(1) != channels,
        "takes images of 1 or %s channels, got %s",
        channels,
        images.size(1));
    if (mean != null) {
      x.subi(perChannel("mean", mean, x));
    }
    if (deviation != null) {
      x.divi(perChannel("deviation", deviation, x));
    }
    return x;
  }

  /**
   * The gradient with respect to images.
   *
   * @param gradient with respect to {@link #of}; may be overwritten
   * @return of the images' shape and the gradient's type
   */
  public INDArray transposed(INDArray gradient, INDArray images) {
    INDArray x = gradient;
    if (deviation != null) {
      x.divi(perChannel("deviation", deviation, x));
    }
    if (isRepeated(images)) {
      x = x.sum(true, 1);
    }
    return side > 0
        ? resampled(
            x, matrix(images.size(2), x.dataType()), matrix(images.size(3), x.dataType()), true)
        : x;
  }

  private boolean isRepeated(INDArray images) {
    return channels > 1 && images.size(1) == 1;
  }

  private INDArray[] repeated(INDArray grey) {
    INDArray[] same = new INDArray[channels];
    Arrays.fill(same, grey);
    return same;
  }

  private static INDArray perChannel(String name, double[] values, INDArray images) {
    if (values.length != images.size(1)) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values for " + images.size(1) + " channels");
    }
    return Nd4j.createFromArray(values).castTo(images.dataType()).reshape(1, values.length, 1, 1);
  }

  /** Weights {@code [side, size]} of bilinear resizing without aligned corners. */
  private INDArray matrix(long size, DataType type) {
    double[][] weights = new double[side][Math.toIntExact(size)];
    for (int i = 0; i < side; i++) {
      double at = Math.min(Math.max((i + 0.5) * size / side - 0.5, 0), size - 1.0);
      int low = (int) at;
      int high = (int) Math.min(low + 1L, size - 1);
      weights[i][low] += 1 - (at - low);
      weights[i][high] += at - low;
    }
    return Nd4j.createFromArray(weights).castTo(type);
  }

  /** R x C' of every plane; with the transposed matrices it is the gradient of that. */
  private static INDArray resampled(
      INDArray x, INDArray rows, INDArray columns, boolean transposed) {
    INDArray r = transposed ? rows.transpose() : rows;
    INDArray c = transposed ? columns.transpose() : columns;
    long planes = x.size(0) * x.size(1);
    long height = x.size(2);
    INDArray wide = x.reshape('c', planes * height, x.size(3)).mmul(c.transpose()).dup('c');
    INDArray columnsFirst = wide.reshape('c', planes, height, c.size(0)).permute(0, 2, 1).dup('c');
    INDArray tall =
        columnsFirst.reshape('c', planes * c.size(0), height).mmul(r.transpose()).dup('c');
    return tall.reshape('c', planes, c.size(0), r.size(0))
        .permute(0, 2, 1)
        .dup('c')
        .reshape('c', x.size(0), x.size(1), r.size(0), c.size(0));
  }
}
