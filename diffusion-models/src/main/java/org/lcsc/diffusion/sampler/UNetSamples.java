package org.lcsc.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.engine.Forward;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.training.OneHot;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Refuse;
import org.lcsc.network.DifferentiableGraph;
import org.lcsc.network.EvaluationNetwork;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Samples of a {@link UNet} through a {@link Sampler}: what a search scores. Sample i starts from
 * stream 0 of the noise; a class-conditional network draws its label from the noise too, so that
 * labels are as fixed as the noise is. Gradients are exact, dropout is off. Owns its network. Not
 * thread-safe.
 *
 * <p>Of {@link TimeRanges} each has parameters of its own: the network is given those of the range
 * that an evaluation's noise level lies in, and that range's part of the gradient sums over the
 * evaluations in it.
 */
public final class UNetSamples implements DifferentiableSampleGenerator {

  /** Stream of the class labels; samplers use 0 for the start and step + 1 for their steps. */
  private static final int LABEL_STREAM = Integer.MAX_VALUE;

  private final ComputationGraph network;
  private final Sampler sampler;
  private final ImageShape shape;
  private final int classes;
  private final DataType dataType;
  private final TimeRanges ranges;
  private final SamplingEngine engine;

  /** The network of each range in the engine; null where it was not needed yet. */
  private final Forward[] forwards;

  private final Guidance guidance;

  /** The parameters of all ranges, {@code [R * P]}; null where they are the same. */
  private INDArray stacked;

  /** The range whose parameters the network has; -1 for none. */
  private int current = -1;

  /** Both made when the first gradient is asked for; the graph shares the network's parameters. */
  private DifferentiableGraph gradients;

  private SamplerAdjoint adjoint;

  /**
   * A generator on a copy of a network.
   *
   * @param network a network of {@link UNet}; copied
   * @param sampler the sampler
   * @param shape shape of the images
   * @param classes number of classes of the network, 0 where it is unconditional
   */
  public UNetSamples(ComputationGraph network, Sampler sampler, ImageShape shape, int classes) {
    this(
        network,
        sampler,
        shape,
        classes,
        TimeRanges.ONE,
        Guidance.everywhere(1),
        new SamplingEngine.Dl4j());
  }

  /**
   * A generator that is guided, or whose parameters differ between ranges of noise levels.
   *
   * @param ranges R of them; parameters are then {@code [R * P]}, or {@code [P]} for all alike
   * @param guidance towards the class that each sample is drawn for
   * @param engine computes the network's outputs; gradients are Deeplearning4j's
   */
  public UNetSamples(
      ComputationGraph network,
      Sampler sampler,
      ImageShape shape,
      int classes,
      TimeRanges ranges,
      Guidance guidance,
      SamplingEngine engine) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.forwards = new Forward[ranges.size()];
    this.guidance = Objects.requireNonNull(guidance, "guidance");
    this.ranges = Objects.requireNonNull(ranges, "ranges");
    this.network = EvaluationNetwork.copyOf(network);
    this.sampler = Objects.requireNonNull(sampler, "sampler");
    this.shape = Objects.requireNonNull(shape, "shape");
    this.classes = classes;
    this.dataType = network.params().dataType();
    int inputs = this.network.getNumInputArrays();
    Refuse.argument(
        inputs != (classes > 0 ? 3 : 2),
        "network: expected inputs %s, got %s",
        classes > 0 ? "image, time, label" : "image, time",
        this.network.getConfiguration().getNetworkInputs());
  }

  @Override
  public void setParameters(INDArray parameters) {
    closeForwards();
    long single = network.numParams();
    if (parameters.length() == single) {
      release();
      network.setParams(parameters);
      return;
    }
    Refuse.argument(
        parameters.length() != ranges.size() * single,
        "parameters: expected %s values%s, got %s",
        single,
        ranges.size() > 1 ? ", or as many for each of " + ranges.size() + " ranges" : "",
        parameters.length());
    if (stacked == null) {
      stacked = Nd4j.createUninitializedDetached(dataType, parameters.length());
    }
    stacked.assign(parameters.reshape(parameters.length()));
    current = -1;
  }

  private void closeForwards() {
    for (int range = 0; range < forwards.length; range++) {
      if (forwards[range] != null) {
        forwards[range].close();
        forwards[range] = null;
      }
    }
  }

  private void release() {
    if (stacked != null) {
      stacked.close();
      stacked = null;
    }
  }

  /** The network with the parameters that it was given last. */
  private Forward forward() {
    int range = stacked == null ? 0 : current;
    if (forwards[range] == null) {
      forwards[range] = engine.open(network);
    }
    return forwards[range];
  }

  /** Gives the network the parameters for an evaluation. */
  private void select(double time) {
    if (stacked == null) {
      return;
    }
    int range = ranges.of(sampler.noiseLevel(time));
    if (range != current) {
      network.setParams(ranges.part(stacked, range));
      current = range;
    }
  }

  @Override
  public INDArray sample(NoiseSource noise, long first, int count) {
    return sample(noise, first, count, new Batch(noise, first, count)::predict);
  }

  private INDArray sample(NoiseSource noise, long first, int count, Denoiser denoiser) {
    long[] image = {shape.channels(), shape.height(), shape.width()};
    return sampler.sample(
        denoiser,
        noise.gaussian(0, first, count, image).castTo(dataType),
        step -> StepNoise.of(noise, first, count, image).gaussian(step).castTo(dataType));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException as {@link SamplerAdjoint#of}
   */
  @Override
  public Recording record(NoiseSource noise, long first, int count) {
    prepareGradients();
    return new States(noise, first, count);
  }

  private void prepareGradients() {
    if (adjoint == null) {
      adjoint = SamplerAdjoint.of(sampler);
      gradients = DifferentiableGraph.sharing(network, network.params(), UNet.IMAGE);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException as {@link SamplerAdjoint#of}
   */
  @Override
  public long recordedBytesPerSample() {
    prepareGradients();
    long values = (long) shape.channels() * shape.height() * shape.width();
    long arrays = (adjoint.clipsOutputs() ? 2L : 1L) * sampler.evaluations() + 1;
    return arrays * values * dataType.width();
  }

  /** The network's inputs beside the images, for the samples of one batch. */
  private final class Batch {

    private final INDArray times;
    private final INDArray labels;
    private final INDArray noClass;

    Batch(NoiseSource noise, long first, int count) {
      times = Nd4j.createUninitialized(dataType, count, 1);
      labels =
          classes > 0
              ? OneHot.of(noise.uniformInts(LABEL_STREAM, first, count, classes), classes)
                  .castTo(dataType)
              : null;
      noClass = classes > 0 ? Nd4j.zeros(dataType, count, classes) : null;
    }

    private INDArray[] inputs(INDArray x, double time, INDArray of) {
      times.assign(time);
      return of == null ? new INDArray[] {x, times} : new INDArray[] {x, times, of};
    }

    private boolean guided(double time) {
      return labels != null && guidance.applies(sampler.noiseLevel(time));
    }

    INDArray predict(INDArray x, double time) {
      select(time);
      INDArray output = forward().output(inputs(x, time, labels));
      if (guided(time)) {
        output.muli(guidance.scale());
        output.addi(forward().output(inputs(x, time, noClass)).muli(1 - guidance.scale()));
      }
      return output;
    }

    /** Adds the parameters' gradient to {@code gradient}. */
    INDArray backpropagate(INDArray x, double time, INDArray epsilon, INDArray gradient) {
      select(time);
      if (!guided(time)) {
        return backpropagate(x, time, labels, epsilon, gradient);
      }
      INDArray toImages =
          backpropagate(x, time, labels, epsilon.mul(guidance.scale()), gradient).dup();
      return toImages.addi(
          backpropagate(x, time, noClass, epsilon.mul(1 - guidance.scale()), gradient));
    }

    private INDArray backpropagate(
        INDArray x, double time, INDArray of, INDArray epsilon, INDArray gradient) {
      INDArray toImages = gradients.backpropagate(epsilon, inputs(x, time, of));
      INDArray own = stacked == null ? gradient : ranges.part(gradient, current);
      InPlace.add(own, 1, gradients.parameterGradient());
      return toImages;
    }
  }

  /** A copy of what the network was evaluated at, at every evaluation, and of clipped outputs. */
  private final class States implements Recording {

    private final Batch batch;
    private final List<INDArray> states = new ArrayList<>();
    private final List<INDArray> outputs = new ArrayList<>();
    private final INDArray images;

    States(NoiseSource noise, long first, int count) {
      batch = new Batch(noise, first, count);
      images =
          sample(
              noise,
              first,
              count,
              (x, time) -> {
                states.add(copy(x));
                INDArray output = batch.predict(x, time);
                if (adjoint.clipsOutputs()) {
                  outputs.add(copy(output));
                }
                return output;
              });
    }

    private INDArray copy(INDArray x) {
      return Nd4j.createUninitializedDetached(x.dataType(), 'c', x.shape()).assign(x);
    }

    @Override
    public INDArray images() {
      return images;
    }

    @Override
    public void backpropagate(INDArray epsilon, INDArray gradient) {
      adjoint.backpropagate(
          (x, time, errors) -> batch.backpropagate(x, time, errors, gradient),
          states.toArray(INDArray[]::new),
          outputs.toArray(INDArray[]::new),
          epsilon);
      close();
    }

    @Override
    public void close() {
      states.forEach(INDArray::close);
      states.clear();
      outputs.forEach(INDArray::close);
      outputs.clear();
    }
  }
}
