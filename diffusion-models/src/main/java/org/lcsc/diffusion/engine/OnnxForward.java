package org.lcsc.diffusion.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
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
import org.lcsc.io.NativeThreads;
import org.lcsc.io.Refuse;
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

  /** Settings of a session that an engine adds to. */
  @FunctionalInterface
  interface Provider {
    void addTo(OrtSession.SessionOptions options) throws OrtException;
  }

  OnnxForward(ComputationGraph network, Provider provider) {
    Refuse.argument(
        network.params().dataType() != DataType.FLOAT,
        "ONNX Runtime computes in float32, got a network of %s",
        network.params().dataType());
    inputs = network.getConfiguration().getNetworkInputs();
    byte[] model = OnnxUNet.write(network, Map.of());
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      environment = OnnxEnvironment.get();
      options.setIntraOpNumThreads(NativeThreads.count());
      // Threads that wait by spinning take cores from others.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      provider.addTo(options);
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw failed(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    closing = CLEANER.register(this, new Closing(session));
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
    String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return new IllegalStateException("ONNX Runtime: " + line, e);
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
