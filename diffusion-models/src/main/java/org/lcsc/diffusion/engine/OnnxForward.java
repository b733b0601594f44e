package org.lcsc.diffusion.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.unet.OnnxUNet;
import org.lcsc.io.HostArrays;
import org.lcsc.io.HostMemory;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.metrics.onnx.OnnxEnvironment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network in ONNX Runtime, with the parameters that it had when it was opened: ONNX Runtime lays
 * out constant weights for its kernels once, which takes less than it saves in one batch. Closes
 * itself once nothing refers to it.
 */
final class OnnxForward implements Forward {

  private static final Cleaner CLEANER = Cleaner.create();

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Cleaner.Cleanable closing;
  private final List<String> inputs;

  /**
   * Opens a network.
   *
   * @param threads native threads; outputs do not depend on them
   * @param cuda on the first card, not the processor
   */
  OnnxForward(ComputationGraph network, int threads, boolean cuda) {
    Refuse.argument(
        network.params().dataType() != DataType.FLOAT,
        "ONNX Runtime computes in float32, got a network of %s",
        network.params().dataType());
    inputs = network.getConfiguration().getNetworkInputs();
    ByteArrayOutputStream model = new ByteArrayOutputStream(bytes(network.numParams()));
    try {
      // First: it refuses releases that must not even be loaded.
      environment = OnnxEnvironment.get();
      OnnxUNet.write(network, Map.of(), model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      // Threads that wait by spinning take cores from others.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      if (cuda) {
        options.addCUDA(0);
      }
      session = environment.createSession(model.toByteArray(), options);
    } catch (OrtException e) {
      throw failed(e);
    }
    closing = CLEANER.register(this, new Closing(session));
  }

  /**
   * Bytes of the model, about.
   *
   * @throws IllegalArgumentException where it, and what it is made of, does not fit Java's memory
   */
  private static int bytes(long parameters) {
    long bytes = Float.BYTES * parameters + (1 << 20);
    long needed = 3 * bytes;
    long most = Runtime.getRuntime().maxMemory();
    Refuse.argument(
        bytes > Integer.MAX_VALUE - 8 || needed > most,
        "ONNX Runtime gets the network from Java's memory, of which %s parameters take %s MB, and"
            + " there are %s MB (-Xmx in LCSC_JAVA_OPTS), at most for a network of 2 GB",
        parameters,
        needed >> 20,
        most >> 20);
    return (int) bytes;
  }

  private record Closing(OrtSession session) implements Runnable {
    @Override
    public void run() {
      try {
        session.close();
      } catch (OrtException e) {
        throw failed(e);
      }
    }
  }

  private static IllegalStateException failed(OrtException e) {
    return new IllegalStateException("ONNX Runtime: " + Text.firstLine(e.getMessage()), e);
  }

  /**
   * Refuses an ONNX Runtime that cannot be used.
   *
   * @throws IllegalArgumentException with what is missing
   */
  static void requireUsable(boolean cuda) {
    try {
      OnnxEnvironment.get();
      if (!cuda) {
        return;
      }
      Refuse.argument(
          !OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA),
          "the ONNX Runtime on the class path has no CUDA (onnxruntime-cuda), needed:"
              + " com.microsoft.onnxruntime:onnxruntime_gpu 1.28.0 in place of onnxruntime, on a"
              + " machine with CUDA 12");
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.addCUDA(0);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (OrtException e) {
      throw new IllegalArgumentException("onnxruntime-cuda: " + Text.firstLine(e.getMessage()), e);
    }
  }

  @Override
  public INDArray output(INDArray... values) {
    Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
    try {
      for (int i = 0; i < values.length; i++) {
        FloatBuffer floats = FloatBuffer.wrap(HostArrays.floats(values[i]));
        tensors.put(inputs.get(i), OnnxTensor.createTensor(environment, floats, values[i].shape()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        return copied((OnnxTensor) result.get(0));
      }
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      tensors.values().forEach(OnnxTensorLike::close);
    }
  }

  private static INDArray copied(OnnxTensor tensor) {
    INDArray output =
        Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', tensor.getInfo().getShape());
    float[] floats = new float[Math.toIntExact(output.length())];
    tensor.getFloatBuffer().get(floats);
    try (HostMemory memory = HostMemory.write(output)) {
      memory.put(0, floats, 0, floats.length);
    }
    return output;
  }

  @Override
  public void close() {
    closing.clean();
  }
}
