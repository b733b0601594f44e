package org.lcsc.diffusion.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/**
 * An ONNX graph being built: operators of opset {@value #OPSET}, each added after those whose
 * results it reads. Values are told by names; every method that adds an operator or a constant
 * returns the name of what it gives. Not thread-safe.
 */
public final class OnnxGraph {

  /** Version of the operators. */
  public static final int OPSET = 17;

  /** The version of the file format that came with opset {@value #OPSET}. */
  private static final int IR_VERSION = 8;

  /** No message of protocol buffers is longer; a part is left for everything but weights. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (64L << 20);

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private String scope = "";
  private long bytes;

  /**
   * An empty graph.
   *
   * @param name of the graph, in the file
   */
  public OnnxGraph(String name) {
    graph.setName(name);
  }

  /** Sets what the names of all that follows begin with: the name of a layer. */
  public void scope(String layer) {
    scope = layer;
  }

  /**
   * Declares an input of float32.
   *
   * @param shape numbers, and names of the axes that may have any size
   */
  public void input(String name, Object... shape) {
    graph.addInput(value(name, shape));
  }

  /**
   * Declares an output of float32, that of an operator or an input.
   *
   * @param from what is given out
   * @param shape as of {@link #input}
   */
  public void output(String name, String from, Object... shape) {
    graph.addNode(node("Identity", name, List.of(from)));
    graph.addOutput(value(name, shape));
  }

  private static ValueInfoProto value(String name, Object... shape) {
    TensorShapeProto.Builder axes = TensorShapeProto.newBuilder();
    for (Object axis : shape) {
      if (axis instanceof Integer size) {
        axes.addDimBuilder().setDimValue(size);
      } else {
        axes.addDimBuilder().setDimParam((String) axis);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(DataType.FLOAT.getNumber())
            .setShape(axes)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /**
   * Adds an operator with one result.
   *
   * @param operator of the default domain
   * @param inputs names of values
   */
  public String add(String operator, List<String> inputs, AttributeProto... attributes) {
    String result = scope + "/" + operator + "_" + graph.getNodeCount();
    graph.addNode(node(operator, result, inputs, attributes));
    return result;
  }

  /** Adds an operator without attributes. */
  public String add(String operator, String... inputs) {
    return add(operator, List.of(inputs));
  }

  private static NodeProto node(
      String operator, String result, List<String> inputs, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(result)
        .addAllInput(inputs)
        .addOutput(result)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  /** Adds {@code x sigmoid(x)}. */
  public String silu(String x) {
    return add("Mul", x, add("Sigmoid", x));
  }

  /** Adds nearest-neighbour upsampling of images by two. */
  public String upsample(String x) {
    return add(
        "Resize",
        List.of(
            x, "", floats("scales_" + graph.getInitializerCount(), new float[] {1, 1, 2, 2}, 4)),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }

  /** Adds a split of {@code [N, 2 C]} into two of {@code [N, C]}. */
  public List<String> halves(String x) {
    String first = scope + "/Split_" + graph.getNodeCount();
    String second = first + "_second";
    graph.addNode(
        node("Split", first, List.of(x), number("axis", 1)).toBuilder().addOutput(second));
    return List.of(first, second);
  }

  /** Adds a change of the type of numbers: to float64, or back to float32. */
  public String cast(String x, boolean wide) {
    DataType type = wide ? DataType.DOUBLE : DataType.FLOAT;
    return add("Cast", List.of(x), number("to", type.getNumber()));
  }

  /** Adds two axes of size 1 at the end of {@code [N, C]}, as images have them. */
  public String asImage(String rows) {
    return add("Unsqueeze", rows, integers(2, 3));
  }

  /**
   * Adds weights.
   *
   * @param name its name within the layer
   * @param values converted to float32
   * @param shape as many values; that of {@code values} where none is given
   * @throws IllegalArgumentException where all weights are more than a file can hold
   */
  public String weights(String name, INDArray values, long... shape) {
    bytes += values.length() * Float.BYTES;
    Refuse.argument(
        bytes > MOST_BYTES,
        "the network has more weights than one ONNX file can hold (2 GB), allowed: safetensors");
    return floats(name, HostArrays.floats(values), shape.length > 0 ? shape : values.shape());
  }

  /** Adds constants of float32. */
  public String floats(String name, float[] values, long... shape) {
    ByteBuffer memory = ByteBuffer.allocate(values.length * Float.BYTES);
    memory.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    ByteString raw = UnsafeByteOperations.unsafeWrap(memory.array());
    return initialiser(name, DataType.FLOAT, TensorProto.newBuilder().setRawData(raw), shape);
  }

  /** Adds one number of float32. */
  public String real(float value) {
    return floats("number_" + graph.getInitializerCount(), new float[] {value});
  }

  /** Adds numbers of float64, {@code [n]}. */
  public String doubles(double... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().addAllDoubleData(Arrays.stream(values).boxed().toList());
    return numbered("doubles_", DataType.DOUBLE, tensor, values.length);
  }

  /** Adds whole numbers, {@code [n]}: axes or a shape. */
  public String integers(long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().addAllInt64Data(Arrays.stream(values).boxed().toList());
    return numbered("axes_", DataType.INT64, tensor, values.length);
  }

  private String numbered(String name, DataType type, TensorProto.Builder tensor, int length) {
    return initialiser(name + graph.getInitializerCount(), type, tensor, length);
  }

  private String initialiser(
      String name, DataType type, TensorProto.Builder tensor, long... shape) {
    String full = scope + "." + name;
    tensor.setName(full).setDataType(type.getNumber());
    for (long size : shape) {
      tensor.addDims(size);
    }
    graph.addInitializer(tensor);
    return full;
  }

  /** An attribute of whole numbers. */
  public static AttributeProto numbers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** An attribute of one whole number. */
  public static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  /** An attribute of one float32. */
  public static AttributeProto fraction(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  /** An attribute of a text. */
  public static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /**
   * Writes an ONNX file.
   *
   * @param metadata texts beside the graph
   */
  public void write(Map<String, String> metadata, OutputStream out) throws IOException {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("lcsc")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setGraph(graph);
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    model.build().writeTo(out);
  }
}
