package org.lcsc.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.io.HostArrays;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.tensor.SafetensorsFile;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.lcsc.tensor.TensorValues;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a network of Deeplearning4j as a safetensors file: a tensor for every parameter array, of
 * its shape, row-major float32. {@code conv_in_W} is named {@code conv_in.weight}, {@code
 * conv_in_b} {@code conv_in.bias}; what else a layer has keeps its key. Stateless and thread-safe.
 */
public final class TensorExport {

  private static final Map<String, String> KEYS = Map.of("W", "weight", "b", "bias");

  private TensorExport() {}

  /**
   * Writes a file, straight to the path; see {@link org.lcsc.io.AtomicFiles#writeFile}.
   *
   * @param metadata texts beside the tensors
   * @throws IOException where the file cannot be written
   */
  public static void write(Path file, Model model, Map<String, String> metadata)
      throws IOException {
    Map<Tensor, INDArray> arrays = new LinkedHashMap<>();
    for (ParameterGrouping.Parameter parameter : ParameterGrouping.parameters(model)) {
      INDArray array = model.paramTable().get(parameter.name());
      String key = parameter.name().substring(parameter.layer().length() + 1);
      arrays.put(
          new Tensor(
              parameter.layer() + "." + KEYS.getOrDefault(key, key),
              TensorType.FLOAT32,
              Arrays.stream(array.shape()).boxed().toList()),
          array);
    }
    write(file, arrays, metadata);
  }

  /**
   * Writes a file of any float32 arrays, straight to the path.
   *
   * @param arrays by name, type and shape
   * @param metadata texts beside the tensors
   * @throws IOException where the file cannot be written
   */
  public static void write(Path file, Map<Tensor, INDArray> arrays, Map<String, String> metadata)
      throws IOException {
    SafetensorsFile.write(file, List.copyOf(arrays.keySet()), metadata, new Values(arrays));
  }

  /** The tensors' values; of the tensor that was read last they are kept, row-major. */
  private static final class Values implements TensorValues {

    private final Map<Tensor, INDArray> arrays;
    private Tensor read;
    private float[] values;

    Values(Map<Tensor, INDArray> arrays) {
      this.arrays = arrays;
    }

    @Override
    public void read(Tensor tensor, long from, ByteBuffer target) {
      if (!tensor.equals(read)) {
        values = HostArrays.floats(arrays.get(tensor));
        read = tensor;
      }
      target
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .put(values, (int) (from / Float.BYTES), target.remaining() / Float.BYTES);
      target.position(target.limit());
    }
  }
}
