package org.lcsc.diffusion.released;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How the values of a parameter, or of several, lie in a released tensor. Thread-safe. */
enum Arrangement {
  /** In the same order. */
  SAME,
  /** Rows and columns exchanged: a table of embeddings. */
  TRANSPOSED,
  /** Query, key and value one after the other, the heads within each (consistency models). */
  PARTS_FIRST(0, 1, 2),
  /** Head by head, of each its query, key and value (improved and guided diffusion). */
  HEADS_FIRST(1, 0, 2),
  /** Head by head, channel by channel: query, key and value of each channel (EDM). */
  INTERLEAVED(1, 2, 0);

  private static final int PARTS = 3;

  /** Places of the axes part, head and channel of a head in the released tensor. */
  private final int[] axes;

  Arrangement(int... axes) {
    this.axes = axes;
  }

  /**
   * The tensor that holds parameters.
   *
   * @param parameters one, or query, key and value: {@code [C, ...]} each
   * @param heads attention heads; of no matter for a single parameter
   */
  INDArray released(INDArray[] parameters, long heads, long[] shape) {
    if (axes.length == 0) {
      INDArray parameter = parameters[0];
      return (this == SAME ? parameter : parameter.transpose()).dup('c').reshape('c', shape);
    }
    long channels = parameters[0].size(0);
    long columns = parameters[0].length() / channels;
    INDArray joined = Nd4j.createUninitialized(parameters[0].dataType(), PARTS, channels * columns);
    for (int part = 0; part < PARTS; part++) {
      joined.putRow(part, parameters[part].dup('c').reshape(channels * columns));
    }
    return joined
        .reshape('c', PARTS, heads, channels / heads, columns)
        .permute(axes[0], axes[1], axes[2], PARTS)
        .dup('c')
        .reshape('c', shape);
  }

  /** The reverse of {@link #released}: sets the parameters. */
  void set(INDArray[] parameters, long heads, INDArray released) {
    if (axes.length == 0) {
      INDArray parameter = parameters[0];
      long[] shape = parameter.shape();
      parameter.assign(
          this == SAME
              ? released.reshape('c', shape)
              : released.reshape('c', shape[1], shape[0]).transpose());
      return;
    }
    long channels = parameters[0].size(0);
    long columns = parameters[0].length() / channels;
    long[] extents = {PARTS, heads, channels / heads};
    int[] places = new int[PARTS];
    for (int i = 0; i < PARTS; i++) {
      places[axes[i]] = i;
    }
    INDArray joined =
        released
            .reshape('c', extents[axes[0]], extents[axes[1]], extents[axes[2]], columns)
            .permute(places[0], places[1], places[2], PARTS)
            .dup('c')
            .reshape('c', PARTS, channels * columns);
    for (int part = 0; part < PARTS; part++) {
      parameters[part].assign(joined.getRow(part).reshape('c', parameters[part].shape()));
    }
  }
}
