package org.lcsc.metrics.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * An ONNX file in ONNX Runtime, with one image input. Its native memory is freed by {@link #close},
 * or once nothing refers to it. Not thread-safe.
 */
final class OnnxNetwork implements AutoCloseable {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Path file;
  private final Cleaner.Cleanable cleanable;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final long[] inputShape;
  private final List<String> outputs;
  private final ImagePreprocessor preprocessor;
  private final int batchSize;
  private final String sha256;

  /**
   * Opens a file.
   *
   * @param config what to use of it
   * @param base directory that {@code config.model()} is relative to
   * @param outputs names of the outputs to compute
   * @throws IOException where the file is missing, no ONNX file, or without such inputs or outputs
   */
  OnnxNetwork(OnnxFeaturesConfig config, Path base, List<String> outputs) throws IOException {
    this.file = base.resolve(config.model());
    this.sha256 = Sha256.of(OnnxFile.files(file)).substring(0, 32);
    this.environment = OnnxEnvironment.get();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      if (config.threads() > 0) {
        options.setIntraOpNumThreads(config.threads());
      }
      this.session = environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IOException(
          file + ": not a usable ONNX file: " + Text.firstLine(e.getMessage()), e);
    }
    this.cleanable = CLEANER.register(this, closing(session, file));
    try {
      this.input = input(config.input());
      this.inputShape = inputShape(config.preprocessing());
      requireOutputs(outputs);
    } catch (OrtException | IOException e) {
      close();
      throw e instanceof IOException io
          ? io
          : new IOException(file + ": " + Text.firstLine(e.getMessage()), e);
    }
    this.outputs = List.copyOf(outputs);
    this.preprocessor = new ImagePreprocessor(config.preprocessing(), config.name());
    this.batchSize = inputShape[0] > 0 ? Math.toIntExact(inputShape[0]) : config.batchSize();
  }

  /** First 16 bytes of the SHA-256 of its files. */
  String sha256() {
    return sha256;
  }

  private String input(String wanted) throws IOException {
    Set<String> names = session.getInputNames();
    if (wanted != null && !names.contains(wanted)) {
      throw new IOException(file + ": has no input '" + wanted + "', but " + names);
    }
    Refuse.file(
        names.size() != 1, "%s: has the inputs %s, expected one, that of the images", file, names);
    return names.iterator().next();
  }

  private long[] inputShape(Preprocessing steps) throws OrtException, IOException {
    NodeInfo info = session.getInputInfo().get(input);
    if (!(info.getInfo() instanceof TensorInfo tensor)
        || tensor.type != OnnxJavaType.FLOAT
        || tensor.getShape().length != 4) {
      throw new IOException(
          file + ": input '" + input + "' is " + info.getInfo() + ", expected 4 axes of float32");
    }
    long[] shape = tensor.getShape();
    boolean first = steps.layout() == Preprocessing.Layout.NCHW;
    long side = steps.size() == null ? -1 : steps.size();
    long[] given =
        first
            ? new long[] {-1, steps.channels(), side, side}
            : new long[] {-1, side, side, steps.channels()};
    if (!fits(shape, given)) {
      throw new IOException(
          Text.format(
              "%s: input '%s' has shape %s (-1: any), but the preprocessing gives %s, set size,"
                  + " channels or layout",
              file, input, shape, given));
    }
    return shape;
  }

  private static boolean fits(long[] shape, long[] given) {
    for (int axis = 1; axis < shape.length; axis++) {
      if (shape[axis] > 0 && given[axis] > 0 && shape[axis] != given[axis]) {
        return false;
      }
    }
    return true;
  }

  private void requireOutputs(List<String> wanted) throws IOException {
    for (String output : wanted) {
      if (!session.getOutputNames().contains(output)) {
        throw new IOException(
            file + ": has no output '" + output + "', but " + session.getOutputNames());
      }
    }
  }

  /**
   * Runs the network on images, in batches.
   *
   * @param images {@code [N, C, H, W]} in [-1, 1]
   * @return per output an array with N along its first axis
   * @throws IllegalArgumentException where the images do not fit
   */
  List<INDArray> run(INDArray images) {
    int count = Math.toIntExact(images.size(0));
    List<float[]> values = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    for (int first = 0; first < count; first += batchSize) {
      int part = Math.min(batchSize, count - first);
      // A batch at a time: images may grow many times over on their way to the network's side.
      ImagePreprocessor.Input batch =
          preprocessor.apply(images.get(NDArrayIndex.interval(first, first + part)));
      Refuse.argument(
          !fits(inputShape, batch.shape()),
          "%s: takes inputs %s (-1: any), got images that become %s",
          file,
          inputShape,
          batch.shape());
      runBatch(batch, first, part, count, values, shapes);
    }
    List<INDArray> arrays = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      arrays.add(Nd4j.create(values.get(i), shapes.get(i), 'c'));
    }
    return arrays;
  }

  private void runBatch(
      ImagePreprocessor.Input images,
      int first,
      int part,
      int count,
      List<float[]> values,
      List<long[]> shapes) {
    // A network with a fixed batch is filled up with zeros, whose outputs are dropped.
    int fed = inputShape[0] > 0 ? batchSize : part;
    long[] shape = images.shape().clone();
    shape[0] = fed;
    FloatBuffer buffer =
        FloatBuffer.wrap(Arrays.copyOf(images.values(), images.values().length / part * fed));
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, shape);
        OrtSession.Result result =
            session.run(Map.of(input, tensor), new LinkedHashSet<>(outputs))) {
      for (int i = 0; i < outputs.size(); i++) {
        OnnxValue value = result.get(outputs.get(i)).orElseThrow();
        if (!(value instanceof OnnxTensor output) || output.getInfo().type != OnnxJavaType.FLOAT) {
          throw new IllegalArgumentException(
              file + ": output '" + outputs.get(i) + "' is " + value.getInfo() + ", not float32");
        }
        collect(output, i, fed, part, first, count, values, shapes);
      }
    } catch (OrtException e) {
      throw new IllegalArgumentException(file + ": " + Text.firstLine(e.getMessage()), e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void collect(
      OnnxTensor output,
      int index,
      int fed,
      int part,
      int first,
      int count,
      List<float[]> values,
      List<long[]> shapes) {
    long[] shape = output.getInfo().getShape();
    if (shape.length < 2 || shape[0] != fed) {
      throw new IllegalArgumentException(
          Text.format(
              "%s: output '%s' has shape %s for %s images, expected [%s, ...]",
              file, outputs.get(index), shape, fed, fed));
    }
    FloatBuffer floats = output.getFloatBuffer();
    int row = floats.remaining() / fed;
    if (values.size() == index) {
      values.add(new float[Math.multiplyExact(row, count)]);
      shape[0] = count;
      shapes.add(shape);
    }
    floats.get(values.get(index), first * row, part * row);
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  /** Not of this object, which it would keep from being collected. */
  private static Runnable closing(OrtSession session, Path file) {
    return () -> {
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException(file + ": " + Text.firstLine(e.getMessage()), e);
      }
    };
  }
}
