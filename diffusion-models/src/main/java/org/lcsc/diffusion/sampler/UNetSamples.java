package org.lcsc.diffusion.sampler;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.datasets.ImageShape;
import org.lcsc.diffusion.training.OneHot;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.objective.EvaluationNetwork;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Samples of a {@link UNet} through a {@link Sampler}: what a search scores. Sample i starts from
 * stream 0 of the noise; a class-conditional network draws its label from the noise too, so that
 * labels are as fixed as the noise is. Owns its network. Not thread-safe.
 */
public final class UNetSamples implements SampleGenerator {

  /** Stream of the class labels; samplers use 0 for the start and step + 1 for their steps. */
  private static final int LABEL_STREAM = Integer.MAX_VALUE;

  private final ComputationGraph network;
  private final Sampler sampler;
  private final ImageShape shape;
  private final int classes;

  /**
   * A generator on a copy of a network.
   *
   * @param network a network of {@link UNet}; copied
   * @param sampler the sampler
   * @param shape shape of the images
   * @param classes number of classes of the network, 0 where it is unconditional
   */
  public UNetSamples(ComputationGraph network, Sampler sampler, ImageShape shape, int classes) {
    this.network = EvaluationNetwork.copyOf(network);
    this.sampler = Objects.requireNonNull(sampler, "sampler");
    this.shape = Objects.requireNonNull(shape, "shape");
    this.classes = classes;
    int inputs = this.network.getNumInputArrays();
    if (inputs != (classes > 0 ? 3 : 2)) {
      throw new IllegalArgumentException(
          "network: expected inputs "
              + (classes > 0 ? "image, time, label" : "image, time")
              + ", got "
              + this.network.getConfiguration().getNetworkInputs());
    }
  }

  @Override
  public void setParameters(INDArray parameters) {
    if (parameters.length() != network.numParams()) {
      throw new IllegalArgumentException(
          "parameters: expected " + network.numParams() + " values, got " + parameters.length());
    }
    network.setParams(parameters);
  }

  @Override
  public INDArray sample(NoiseSource noise, long first, int count) {
    long[] image = {shape.channels(), shape.height(), shape.width()};
    INDArray labels =
        classes > 0
            ? OneHot.of(noise.uniformInts(LABEL_STREAM, first, count, classes), classes)
            : null;
    INDArray times = Nd4j.createUninitialized(DataType.FLOAT, count, 1);
    Denoiser denoiser =
        (x, time) -> {
          times.assign(time);
          return labels == null
              ? network.outputSingle(x, times)
              : network.outputSingle(x, times, labels);
        };
    return sampler.sample(
        denoiser, noise.gaussian(0, first, count, image), StepNoise.of(noise, first, count, image));
  }
}
