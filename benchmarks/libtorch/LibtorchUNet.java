import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.clip_grad_norm_;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.exp;
import static org.bytedeco.pytorch.global.torch.group_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.mse_loss;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The network of {@code pytorch_unet.py} in libtorch, PyTorch's C++ library, by JavaCPP: a PyTorch
 * 2 where no Python has one. The same operations in the same order, the same requests and answers
 * on standard input and output; {@code torch.compile} is Python's alone.
 *
 * <p>{@code ./benchmark unet} starts this file as it is, with a class path of its own, since
 * JavaCPP's version is another than ND4J's.
 */
public final class LibtorchUNet {

  private static final double EPSILON = 1e-6;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private LibtorchUNet() {}

  /** Answers requests until standard input ends. */
  public static void main(String[] args) throws IOException {
    int threads = Integer.parseInt(System.getenv().getOrDefault("OMP_NUM_THREADS", "1"));
    Loader.load(torch.class);
    set_num_threads(threads);
    String version = Loader.getVersion("org.bytedeco", "pytorch");
    System.out.println("libtorch " + version.substring(0, version.indexOf('-')));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Side side = null;
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "network" -> {
          side = new Side(words);
          System.out.println(side.network.count());
        }
        case "check" -> System.out.println(side.check(Path.of(words[1])));
        case "train" -> System.out.println(seconds(side::train, words[1], threads));
        case "forward" -> System.out.println(seconds(side::forward, words[1], threads));
        default -> throw new IllegalArgumentException("unknown request: " + line);
      }
    }
  }

  /** CPU time of one thread, else wall-clock time. */
  private static double seconds(Runnable step, String times, int threads) {
    int count = Integer.parseInt(times);
    long start = threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    for (int i = 0; i < count; i++) {
      step.run();
    }
    long end = threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    return (end - start) * 1e-9 / count;
  }

  /** One network with its batch, optimiser and moving average. */
  private static final class Side {

    final Network network;
    private final Tensor x;
    private final Tensor time;
    private final Tensor target;
    private final TensorVector parameters;
    private final List<Tensor> averages = new ArrayList<>();
    private final Adam adam;
    private final Scalar decay = new Scalar(0.999);
    private final Scalar share = new Scalar(0.001);

    Side(String[] words) {
      int side = Integer.parseInt(words[1]);
      int batch = Integer.parseInt(words[5]);
      int[] multipliers = Arrays.stream(words[3].split(",")).mapToInt(Integer::parseInt).toArray();
      network =
          new Network(
              side, Integer.parseInt(words[2]), multipliers, Integer.parseInt(words[4]));
      x = randn(batch, 1, side, side);
      time = randn(batch, 1);
      target = randn(batch, 1, side, side);
      parameters = new TensorVector(network.parameters.toArray(Tensor[]::new));
      try (NoGradGuard none = new NoGradGuard()) {
        network.parameters.forEach(p -> averages.add(p.detach().clone()));
      }
      adam = new Adam(parameters, new AdamOptions(1e-3));
    }

    void train() {
      try (PointerScope scope = new PointerScope()) {
        Tensor output = network.forward(x, time);
        mse_loss(output, target).backward();
        clip_grad_norm_(parameters, 1.0);
        adam.step();
        adam.zero_grad();
        try (NoGradGuard none = new NoGradGuard()) {
          for (int i = 0; i < averages.size(); i++) {
            averages.get(i).mul_(decay);
            averages.get(i).add_(network.parameters.get(i), share);
          }
        }
      }
    }

    void forward() {
      try (PointerScope scope = new PointerScope();
          InferenceMode inference = new InferenceMode()) {
        network.forward(x, time);
      }
    }

    /** Takes parameters, images and times from a file, and compares with the output there. */
    float check(Path file) throws IOException {
      FloatBuffer floats =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      for (Tensor parameter : network.parameters) {
        fill(parameter, floats);
      }
      fill(x, floats);
      fill(time, floats);
      float worst = 0;
      float largest = 0;
      try (PointerScope scope = new PointerScope();
          InferenceMode inference = new InferenceMode()) {
        FloatBuffer output = network.forward(x, time).createBuffer();
        while (floats.hasRemaining()) {
          float expected = floats.get();
          worst = Math.max(worst, Math.abs(expected - output.get()));
          largest = Math.max(largest, Math.abs(expected));
        }
      }
      return worst / largest;
    }

    private static void fill(Tensor tensor, FloatBuffer from) {
      FloatBuffer target = tensor.createBuffer();
      while (target.hasRemaining()) {
        target.put(from.get());
      }
    }
  }

  /** A convolution, dense layer or group normalisation: weight and bias. */
  private record Weights(Tensor weight, TensorOptional bias) {}

  /** Parameters of a residual block; no shortcut where the channels stay. */
  private record Residual(
      Weights norm0, Weights conv0, Weights time, Weights norm1, Weights conv1, Weights shortcut) {}

  private record Attention(Weights norm, Weights q, Weights k, Weights v, Weights out) {}

  /** A residual block with or without attention, or a change of resolution. */
  private record Stage(Residual residual, Attention attention, Weights resample) {}

  /**
   * The U-Net. Every tensor is closed once the next is computed, as Python frees it, so that its
   * memory is used again.
   */
  private static final class Network {

    final List<Tensor> parameters = new ArrayList<>();
    private final int channels;
    private final Weights dense0;
    private final Weights dense1;
    private final Weights convIn;
    private final List<Stage> downs = new ArrayList<>();
    private final Stage middle0;
    private final Stage middle1;
    private final List<Stage> ups = new ArrayList<>();
    private final Weights normOut;
    private final Weights convOut;

    Network(int side, int channels, int[] multipliers, int attention) {
      this.channels = channels;
      int levels = multipliers.length;
      dense0 = weights(4 * channels, channels);
      dense1 = weights(4 * channels, 4 * channels);
      convIn = weights(channels, 1, 3, 3);
      Deque<Integer> skips = new ArrayDeque<>(List.of(channels));
      int current = channels;
      for (int level = 0; level < levels; level++) {
        int out = channels * multipliers[level];
        downs.add(stage(current, out, side >> level == attention));
        current = out;
        skips.push(current);
        if (level < levels - 1) {
          downs.add(new Stage(null, null, weights(current, current, 3, 3)));
          skips.push(current);
        }
      }
      middle0 = stage(current, current, true);
      middle1 = stage(current, current, false);
      for (int level = levels - 1; level >= 0; level--) {
        int out = channels * multipliers[level];
        for (int block = 0; block < 2; block++) {
          ups.add(stage(current + skips.pop(), out, side >> level == attention));
          current = out;
        }
        if (level > 0) {
          ups.add(new Stage(null, null, weights(current, current, 3, 3)));
        }
      }
      normOut = weights(current);
      convOut = weights(1, current, 3, 3);
    }

    long count() {
      return parameters.stream().mapToLong(Tensor::numel).sum();
    }

    private Weights weights(long... shape) {
      Tensor weight = parameter(shape);
      return new Weights(weight, new TensorOptional(parameter(shape[0])));
    }

    private Tensor parameter(long... shape) {
      Tensor made;
      try (NoGradGuard none = new NoGradGuard()) {
        made = randn(shape).mul_(new Scalar(0.05));
      }
      made.set_requires_grad(true);
      parameters.add(made);
      return made;
    }

    private Stage stage(int in, int out, boolean attends) {
      Residual residual =
          new Residual(
              weights(in),
              weights(out, in, 3, 3),
              weights(out, 4 * channels),
              weights(out),
              weights(out, out, 3, 3),
              in == out ? null : weights(out, in, 1, 1));
      return new Stage(residual, attends ? attention(out) : null, null);
    }

    private Attention attention(int c) {
      return new Attention(
          weights(c),
          weights(c, c, 1, 1),
          weights(c, c, 1, 1),
          weights(c, c, 1, 1),
          weights(c, c, 1, 1));
    }

    Tensor forward(Tensor x, Tensor time) {
      Tensor t = embed(time);
      t = next(t, dense(dense0, t));
      t = next(t, silu(t));
      t = next(t, dense(dense1, t));
      t = next(t, silu(t));
      Tensor h = conv(convIn, x, 1, 1);
      Deque<Tensor> skips = new ArrayDeque<>(List.of(h));
      for (Stage stage : downs) {
        h = stage.resample == null ? run(stage, h, t) : down(stage.resample, h);
        skips.push(h);
      }
      h = run(middle0, h, t);
      h = next(h, run(middle1, h, t));
      for (Stage stage : ups) {
        if (stage.resample == null) {
          Tensor skip = skips.pop();
          try (TensorVector both = new TensorVector(h, skip)) {
            h = next(h, cat(both, 1));
          }
          skip.close();
          h = next(h, run(stage, h, t));
        } else {
          h = next(h, upsample_nearest2d(h, 2 * h.size(2), 2 * h.size(3)));
          h = next(h, conv(stage.resample, h, 1, 1));
        }
      }
      t.close();
      h = next(h, norm(normOut, h));
      h = next(h, silu(h));
      return next(h, conv(convOut, h, 1, 1));
    }

    /** Frees one tensor and returns the other. */
    private static Tensor next(Tensor used, Tensor made) {
      used.close();
      return made;
    }

    private Tensor embed(Tensor time) {
      int half = channels / 2;
      Tensor h = arange(new Scalar((float) half));
      h = next(h, h.mul(new Scalar((float) (-Math.log(10_000) / (half - 1)))));
      h = next(h, exp(h));
      h = next(h, time.mul(h));
      Tensor sin = h.sin();
      Tensor cos = next(h, h.cos());
      try (TensorVector both = new TensorVector(sin, cos)) {
        return next(sin, next(cos, cat(both, 1)));
      }
    }

    private Tensor run(Stage stage, Tensor x, Tensor t) {
      Tensor h = residual(stage.residual, x, t);
      return stage.attention == null ? h : next(h, attend(stage.attention, h));
    }

    private Tensor residual(Residual r, Tensor x, Tensor t) {
      Tensor h = norm(r.norm0, x);
      h = next(h, silu(h));
      h = next(h, conv(r.conv0, h, 1, 1));
      Tensor projected = dense(r.time, t);
      projected = next(projected, projected.view(projected.size(0), projected.size(1), 1, 1));
      h = next(h, h.add(projected));
      projected.close();
      h = next(h, norm(r.norm1, h));
      h = next(h, silu(h));
      h = next(h, conv(r.conv1, h, 1, 1));
      if (r.shortcut == null) {
        return next(h, x.add(h));
      }
      Tensor shortcut = conv(r.shortcut, x, 1, 0);
      return next(shortcut, next(h, shortcut.add(h)));
    }

    private Tensor attend(Attention a, Tensor x) {
      long c = x.size(1);
      Tensor h = norm(a.norm, x);
      Tensor q = tokens(a.q, h);
      Tensor k = tokens(a.k, h);
      Tensor v = tokens(a.v, h);
      h.close();
      q = next(q, q.transpose(1, 2));
      Tensor scores = bmm(q, k);
      q.close();
      k.close();
      scores = next(scores, scores.mul(new Scalar(Math.pow(c, -0.5))));
      scores = next(scores, softmax(scores, -1));
      scores = next(scores, scores.transpose(1, 2));
      Tensor mixed = next(v, bmm(v, scores));
      scores.close();
      mixed = next(mixed, mixed.reshape(x.size(0), c, x.size(2), x.size(3)));
      mixed = next(mixed, conv(a.out, mixed, 1, 0));
      return next(mixed, x.add(mixed));
    }

    /** A 1x1 convolution, {@code [N, C, H W]}. */
    private static Tensor tokens(Weights w, Tensor h) {
      Tensor projected = conv(w, h, 1, 0);
      return next(projected, projected.reshape(h.size(0), h.size(1), h.size(2) * h.size(3)));
    }

    private static Tensor down(Weights w, Tensor h) {
      Tensor padded = constant_pad_nd(h, 0, 1, 0, 1);
      return next(padded, conv(w, padded, 2, 0));
    }

    private static Tensor conv(Weights w, Tensor x, long stride, long padding) {
      return conv2d(
          x,
          w.weight,
          w.bias,
          new long[] {stride, stride},
          new long[] {padding, padding},
          new long[] {1, 1},
          1);
    }

    private static Tensor dense(Weights w, Tensor x) {
      return linear(x, w.weight, w.bias);
    }

    /** In groups of at least four channels, at most 32. */
    private static Tensor norm(Weights w, Tensor x) {
      long channels = x.size(1);
      long groups = Math.min(32, Math.max(1, channels / 4));
      while (channels % groups != 0) {
        groups--;
      }
      try (TensorOptional scale = new TensorOptional(w.weight)) {
        return group_norm(x, groups, scale, w.bias, EPSILON, true);
      }
    }
  }
}
