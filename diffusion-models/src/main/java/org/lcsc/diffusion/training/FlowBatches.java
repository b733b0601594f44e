package org.lcsc.diffusion.training;

import java.util.Arrays;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Training batches of flow matching: points {@code x_t = (1 - t) x_0 + t eps} of the {@linkplain
 * org.lcsc.diffusion.schedule.FlowPath path} between an image and noise, with its velocity {@code
 * eps - x_0} as the label (Lipman et al. 2022, arXiv:2210.02747).
 *
 * <p>Not thread-safe.
 */
public final class FlowBatches extends TrainingBatches {

  private static final long serialVersionUID = 1;

  /** Which noise an image is paired with. */
  public enum Coupling {
    /** Any. */
    INDEPENDENT,
    /**
     * The noise of the batch is dealt out so that the sum of the squared distances between images
     * and noise is least, which straightens the paths (Tong et al. 2023, arXiv:2302.00482;
     * Pooladian et al. 2023, arXiv:2304.14772). Where classes are trained, only among images of one
     * class: the noise of every class stays Gaussian.
     */
    OPTIMAL_TRANSPORT
  }

  /** What gives the image at the other end of the path, in place of the data. */
  @FunctionalInterface
  public interface Reflow {

    /**
     * Images of some noise.
     *
     * @param noise {@code [N, C, H, W]}
     * @param labels {@code [N, classes]}; null for an unlabelled training
     * @return of the shape of {@code noise}
     */
    INDArray images(INDArray noise, INDArray labels);
  }

  private final transient FlowTimes times;
  private final transient Coupling coupling;
  private final transient double timeScale;
  private final transient Reflow reflow;

  /**
   * Batches.
   *
   * @param settings data, iterations, seed
   * @param times distribution of t
   * @param coupling which noise an image is paired with
   * @param timeScale what t is multiplied by for the network, above 0
   * @param reflow another flow, whose paths cross less between its own ends (rectified flow, Liu et
   *     al. 2022, arXiv:2209.03003, algorithm 1); null for the data
   */
  public FlowBatches(
      BatchSettings settings, FlowTimes times, Coupling coupling, double timeScale, Reflow reflow) {
    super(settings);
    this.times = Objects.requireNonNull(times, "times");
    this.coupling = Objects.requireNonNull(coupling, "coupling");
    this.timeScale = timeScale;
    this.reflow = reflow;
  }

  @Override
  public MultiDataSet batch(int n) {
    double[] t = times.draw(() -> uniforms(LEVEL_STREAM, n), () -> gaussians(LEVEL_STREAM, n));
    INDArray labels = labels(n);
    INDArray noise = imageNoise(n);
    INDArray x0 = reflow == null ? images(n) : reflow.images(noise, labels);
    INDArray epsilon = coupling == Coupling.INDEPENDENT ? noise : coupled(x0, noise, labels);
    INDArray column = column(t);
    return new org.nd4j.linalg.dataset.MultiDataSet(
        inputs(
            mix(column.rsub(1), x0, column, epsilon),
            column(Arrays.stream(t).map(time -> time * timeScale).toArray()),
            labels),
        new INDArray[] {epsilon.sub(x0)});
  }

  private static INDArray coupled(INDArray x0, INDArray noise, INDArray labels) {
    INDArray from = rows(x0);
    INDArray to = rows(noise);
    // |x - e|^2 = |x|^2 + |e|^2 - 2 x e: the squares are the same in every assignment.
    double[][] cost = from.mmul(to.transpose()).negi().toDoubleMatrix();
    if (labels != null) {
      // Images whose label is left out are a class of their own.
      int[] classes = labels.argMax(1).addi(labels.sum(1).castTo(DataType.INT64)).toIntVector();
      for (int i = 0; i < cost.length; i++) {
        for (int j = 0; j < cost.length; j++) {
          cost[i][j] = classes[i] == classes[j] ? cost[i][j] : Double.POSITIVE_INFINITY;
        }
      }
    }
    return Nd4j.pullRows(to, 1, Assignment.least(cost)).reshape('c', noise.shape());
  }

  private static INDArray rows(INDArray images) {
    return images.reshape('c', images.size(0), images.length() / images.size(0));
  }
}
