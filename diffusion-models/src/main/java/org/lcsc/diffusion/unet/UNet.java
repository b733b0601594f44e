package org.lcsc.diffusion.unet;

import java.util.ArrayDeque;
import java.util.Deque;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.ConcatChannels;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.ImageLossLayer;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.NoiseScaling;
import org.lcsc.diffusion.layer.NoiseScaling.Factor;
import org.lcsc.diffusion.layer.NoiseTime;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.ScaleShift;
import org.lcsc.diffusion.layer.SeededDropout;
import org.lcsc.diffusion.layer.SelfAttention2d;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.layer.UpsampleNearest;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Builds the graph around a {@link NetworkBody}, and the body of a {@link UNetConfig}: the U-Net of
 * DDPM (Ho et al. 2020, appendix B) and improved DDPM.
 *
 * <p>Inputs: {@value #IMAGE} {@code [N, C, H, W]}, {@value #TIME} {@code [N, 1]} and, for a network
 * with classes, {@value #LABEL} {@code [N, classes]} one-hot. Output: {@value #OUTPUT} {@code [N,
 * C, H, W]}, an {@link ImageLossLayer}.
 *
 * <p>Stateless and thread-safe.
 */
public final class UNet {

  /** Name of the noisy image's input. */
  public static final String IMAGE = "image";

  /** Name of the network time's input. */
  public static final String TIME = "time";

  /** Name of the one-hot class label's input. */
  public static final String LABEL = "label";

  /** Name of the output layer. */
  public static final String OUTPUT = "output";

  private final UNetConfig config;
  private final GraphBuilder graph;
  private final long seed;
  private final int embedding;

  UNet(UNetConfig config, GraphBuilder graph, long seed) {
    this.config = config;
    this.graph = graph;
    this.seed = seed;
    this.embedding = 4 * config.channels();
  }

  /**
   * Builds the configuration of a network; {@code new ComputationGraph(configuration).init()} makes
   * the network.
   *
   * @param body the network between inputs and loss, such as a {@link UNetConfig}
   * @param loss what the output is compared by
   * @param updater how parameters are updated
   * @param seed seed of the initial parameters and of dropout
   * @param dataType FLOAT, or DOUBLE for gradient checks
   */
  public static ComputationGraphConfiguration configuration(
      NetworkBody body, ImageLoss loss, IUpdater updater, long seed, DataType dataType) {
    return configuration(body, null, loss, updater, seed, dataType);
  }

  /**
   * Builds the configuration of a network that is a function of images and their noise level:
   * {@value #TIME} is then sigma, and the output is {@code D(x, sigma)}, an EDM denoiser or a
   * consistency function.
   *
   * @param body the network between inputs and loss, such as a {@link UNetConfig}
   * @param preconditioning how the network becomes that function; null for a bare network
   * @param loss what the output is compared by
   * @param updater how parameters are updated
   * @param seed seed of the initial parameters and of dropout
   * @param dataType FLOAT, or DOUBLE for gradient checks
   */
  public static ComputationGraphConfiguration configuration(
      NetworkBody body,
      Preconditioning preconditioning,
      ImageLoss loss,
      IUpdater updater,
      long seed,
      DataType dataType) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(dataType)
            .updater(updater)
            .graphBuilder();
    boolean labelled = body.classes() > 0;
    if (labelled) {
      graph.addInputs(IMAGE, TIME, LABEL);
    } else {
      graph.addInputs(IMAGE, TIME);
    }
    String last =
        preconditioning == null
            ? body.addTo(graph, IMAGE, TIME, labelled ? LABEL : null, seed)
            : preconditioned(graph, body, preconditioning, labelled, seed);
    graph.addLayer(OUTPUT, new ImageLossLayer(loss), last);
    return graph.setOutputs(OUTPUT).build();
  }

  private static String preconditioned(
      GraphBuilder graph, NetworkBody body, Preconditioning p, boolean labelled, long seed) {
    graph.addVertex("image_scaled", new NoiseScaling(p, Factor.IN), IMAGE, TIME);
    graph.addLayer("time_noise", new NoiseTime(p), TIME);
    String last = body.addTo(graph, "image_scaled", "time_noise", labelled ? LABEL : null, seed);
    graph.addVertex("image_skip", new NoiseScaling(p, Factor.SKIP), IMAGE, TIME);
    graph.addVertex("out_scaled", new NoiseScaling(p, Factor.OUT), last, TIME);
    graph.addVertex("denoised", new ResidualSum(), "image_skip", "out_scaled");
    return "denoised";
  }

  private String layer(String name, Layer layer, String input) {
    graph.addLayer(name, layer, input);
    return name;
  }

  private String vertex(String name, GraphVertex vertex, String... inputs) {
    graph.addVertex(name, vertex, inputs);
    return name;
  }

  private String norm(String name, int channels, boolean silu, String input) {
    return layer(
        name,
        new GroupNorm(channels, UNetConfig.groups(channels), config.groupEpsilon(), silu),
        input);
  }

  private double lastGain() {
    return config.zeroInit() ? 0 : 1;
  }

  /** Adds the body; returns the name of its last convolution. */
  String build(String image, String timeInput, String label) {
    String time = timeEmbedding(timeInput, label);
    int channels = config.channels();
    int levels = config.multipliers().size();
    record Skip(String name, int channels) {}
    Deque<Skip> skips = new ArrayDeque<>();

    String h = layer("conv_in", new Conv2d(config.imageChannels(), channels, 3), image);
    skips.push(new Skip(h, channels));
    for (int level = 0; level < levels; level++) {
      int out = config.channelsAt(level);
      for (int block = 0; block < config.blocks(); block++) {
        String name = "down" + level + "_" + block;
        h = residualBlock(name, channels, out, h, time);
        channels = out;
        h = attentionAt(level, name, channels, h);
        skips.push(new Skip(h, channels));
      }
      if (level < levels - 1) {
        h = layer("down" + level + "_sample", new Conv2d(channels, channels, 3, 2, 1), h);
        skips.push(new Skip(h, channels));
      }
    }

    h = residualBlock("middle_0", channels, channels, h, time);
    h = attention("middle_attention", channels, h);
    h = residualBlock("middle_1", channels, channels, h, time);

    for (int level = levels - 1; level >= 0; level--) {
      int out = config.channelsAt(level);
      for (int block = 0; block <= config.blocks(); block++) {
        String name = "up" + level + "_" + block;
        Skip skip = skips.pop();
        h = vertex(name + "_skip", new ConcatChannels(), h, skip.name());
        h = residualBlock(name, channels + skip.channels(), out, h, time);
        channels = out;
        h = attentionAt(level, name, channels, h);
      }
      if (level > 0) {
        h = layer("up" + level + "_nearest", new UpsampleNearest(), h);
        h = layer("up" + level + "_sample", new Conv2d(channels, channels, 3), h);
      }
    }

    h = norm("norm_out", channels, true, h);
    return layer("conv_out", new Conv2d(channels, config.imageChannels(), 3, 1, lastGain()), h);
  }

  /** SiLU of the embedding of time (and class): every block begins its projection with it. */
  private String timeEmbedding(String time, String label) {
    int channels = config.channels();
    String t = layer("time_sinusoid", new TimeEmbedding(channels, config.timeEmbedding()), time);
    t = layer("time_dense0", new Linear(channels, embedding), t);
    t = layer("time_silu0", new Silu(), t);
    t = layer("time_dense1", new Linear(embedding, embedding), t);
    if (config.classes() > 0) {
      String embedded =
          layer("label_embedding", new Linear(config.classes(), embedding, false), label);
      t = vertex("time_label", new ResidualSum(), t, embedded);
    }
    return layer("time_silu1", new Silu(), t);
  }

  private String residualBlock(String name, int in, int out, String input, String time) {
    boolean scaleShift = config.timeConditioning() == TimeConditioning.SCALE_SHIFT;
    String h = norm(name + "_norm0", in, true, input);
    h = layer(name + "_conv0", new Conv2d(in, out, 3), h);
    String projected =
        layer(name + "_time", new Linear(embedding, scaleShift ? 2 * out : out), time);
    if (scaleShift) {
      h = norm(name + "_norm1", out, false, h);
      h = vertex(name + "_modulated", new ScaleShift(), h, projected);
      h = layer(name + "_silu", new Silu(), h);
    } else {
      h = vertex(name + "_timed", new AddEmbedding(), h, projected);
      h = norm(name + "_norm1", out, true, h);
    }
    Conv2d second = new Conv2d(out, out, 3, 1, lastGain());
    if (config.dropout() > 0) {
      second.setIDropout(new SeededDropout(config.dropout(), 31 * seed + name.hashCode()));
    }
    h = layer(name + "_conv1", second, h);
    String shortcut = in == out ? input : layer(name + "_shortcut", new Conv2d(in, out, 1), input);
    return vertex(name, new ResidualSum(), shortcut, h);
  }

  private String attentionAt(int level, String name, int channels, String input) {
    boolean wanted = config.attention().contains(config.side() >> level);
    return wanted ? attention(name + "_attention", channels, input) : input;
  }

  private String attention(String name, int channels, String input) {
    String h = norm(name + "_norm", channels, false, input);
    h = layer(name + "_heads", new SelfAttention2d(channels, config.heads(), lastGain()), h);
    return vertex(name, new ResidualSum(), input, h);
  }
}
