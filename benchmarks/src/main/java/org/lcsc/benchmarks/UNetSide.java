package org.lcsc.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.diffusion.engine.Forward;
import org.lcsc.diffusion.engine.OnnxEngine;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.training.GlobalNormClip;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.io.HostArrays;
import org.lcsc.io.NativeThreads;
import org.lcsc.network.FlatUpdater;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** Our side of the benchmark: a network with its batch, updater and moving average. */
final class UNetSide {

  private static final int TIMES = 1000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final ComputationGraph network;
  private final ExponentialMovingAverage average;
  private final INDArray x;
  private final INDArray time;
  private final MultiDataSet batch;

  /** Opened when first asked for. */
  private Forward onnx;

  UNetSide(UNetCase row) {
    network =
        new ComputationGraph(
            UNet.configuration(
                row.network(),
                row.images(),
                new SquaredError(),
                new GlobalNormClip(new Adam(1e-3), 1),
                1,
                DataType.FLOAT));
    network.init();
    NativeThreads.choose(network.numParams(), (long) row.side() * row.side(), row.batch());
    FlatUpdater.attachTo(network);
    average = new ExponentialMovingAverage(0.999, network.params());
    SeededNoise noise = new SeededNoise(1);
    // The last layer starts at zero, and the output with it.
    INDArray shift = noise.gaussian(2, 0, Math.toIntExact(network.numParams())).muli(0.02);
    network.params().addi(shift.reshape(network.params().shape()));
    x = noise.gaussian(0, 0, row.batch(), 1, row.side(), row.side());
    INDArray target = noise.gaussian(1, 0, row.batch(), 1, row.side(), row.side());
    SplittableRandom random = new SplittableRandom(2);
    float[] times = new float[row.batch()];
    for (int i = 0; i < times.length; i++) {
      times[i] = random.nextInt(TIMES);
    }
    time = Nd4j.createFromArray(times).reshape(row.batch(), 1);
    batch = new MultiDataSet(new INDArray[] {x, time}, new INDArray[] {target});
  }

  long parameters() {
    return network.numParams();
  }

  /**
   * Writes parameters, in the order of {@code pytorch_unet.py}, images, times and the output:
   * float32, little endian.
   */
  void write(Path file) throws IOException {
    List<INDArray> arrays = new ArrayList<>();
    // In the order of the graph's construction.
    for (String vertex : network.getConfiguration().getVertices().keySet()) {
      Layer layer = network.getLayer(vertex);
      if (layer != null) {
        arrays.addAll(layer.paramTable().values());
      }
    }
    arrays.addAll(List.of(x, time, network.outputSingle(x, time)));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (INDArray array : arrays) {
        float[] values = HostArrays.floats(array);
        ByteBuffer bytes =
            ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        out.write(bytes.array());
      }
    }
  }

  /** Floating-point operations of the 3x3 and 1x1 convolutions of a forward pass. */
  double convolutionOperations() {
    Map<String, INDArray> outputs = network.feedForward(new INDArray[] {x, time}, false);
    double all = 0;
    for (Layer layer : network.getLayers()) {
      if (layer.conf().getLayer() instanceof Conv2d) {
        INDArray output = outputs.get(layer.conf().getLayer().getLayerName());
        double positions = (double) output.size(0) * output.size(2) * output.size(3);
        all += 2 * positions * layer.getParam("W").length();
      }
    }
    return all;
  }

  static double cpuSeconds() {
    return THREADS.getCurrentThreadCpuTime() * 1e-9;
  }

  /**
   * Brings the workspaces to their size. Deeplearning4j uses a workspace as often as the graph has
   * vertices before it gives it memory; until then every gradient is allocated and freed, and its
   * page faults cost a quarter of a step at 28x28. Steps with one example get that over with.
   */
  void settle() {
    MultiDataSet example =
        new MultiDataSet(
            new INDArray[] {first(batch.getFeatures(0)), first(batch.getFeatures(1))},
            new INDArray[] {first(batch.getLabels(0))});
    for (int i = 0; i <= network.getVertices().length; i++) {
      network.fit(example);
    }
  }

  private static INDArray first(INDArray examples) {
    return examples.get(NDArrayIndex.interval(0, 1)).dup();
  }

  /** CPU time where one thread does all, so that other processes do not count; else wall clock. */
  private static long nanoseconds() {
    return "1".equals(System.getenv("OMP_NUM_THREADS"))
        ? THREADS.getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  /** Seconds of a train step, over so many. */
  double train(int count) {
    long start = nanoseconds();
    for (int i = 0; i < count; i++) {
      network.fit(batch);
      average.update(network.params());
    }
    return (nanoseconds() - start) * 1e-9 / count;
  }

  /** Seconds of a forward pass in ONNX Runtime, over so many. */
  double onnxForward(int count) {
    if (onnx == null) {
      onnx = new OnnxEngine().open(network);
    }
    long start = nanoseconds();
    for (int i = 0; i < count; i++) {
      onnx.output(x, time);
    }
    return (nanoseconds() - start) * 1e-9 / count;
  }

  /** Seconds of a forward pass, over so many. */
  double forward(int count) {
    long start = nanoseconds();
    for (int i = 0; i < count; i++) {
      network.outputSingle(x, time);
    }
    return (nanoseconds() - start) * 1e-9 / count;
  }
}
