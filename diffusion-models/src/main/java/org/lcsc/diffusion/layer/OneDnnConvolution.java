package org.lcsc.diffusion.layer;

import static org.lcsc.diffusion.layer.OneDnnMemory.any;
import static org.lcsc.diffusion.layer.OneDnnMemory.plain;

import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * "Same" convolution of float32 images on the CPU by oneDNN's primitives, made once for each shape
 * and kept: libnd4j makes them anew at every call, 50 us forward and 200 us backward. Arrays are
 * dense, in C order: {@code [N, C, H, W]} and {@code [out, in, k, k]}; where oneDNN wants them
 * otherwise, they are changed by way of working memory that all shapes of a thread share, so that
 * it stays in the cache.
 *
 * <p>Each thread has its own primitives; an object belongs to one thread.
 */
final class OneDnnConvolution {

  /** What a primitive is made for. */
  private record Shape(
      long examples,
      long in,
      long out,
      long height,
      long width,
      long kernel,
      long stride,
      boolean even) {

    long outHeight() {
      return (height + stride - 1) / stride;
    }

    long outWidth() {
      return (width + stride - 1) / stride;
    }

    /** Padding above and below in all, as far as it is seen: TensorFlow's "same". */
    private long padding(long from, long to) {
      return Math.max(0, (to - 1) * stride + kernel - from);
    }

    /** Half a kernel, or the smaller half of all. */
    private long before(long padding) {
      return even ? kernel / 2 : padding / 2;
    }

    /** Padding at the top and left. */
    long[] paddingBefore() {
      return new long[] {before(padding(height, outHeight())), before(padding(width, outWidth()))};
    }

    long[] paddingAfter() {
      long vertical = padding(height, outHeight());
      long horizontal = padding(width, outWidth());
      return new long[] {vertical - before(vertical), horizontal - before(horizontal)};
    }
  }

  private static final ThreadLocal<Map<Shape, OneDnnConvolution>> KEPT =
      ThreadLocal.withInitial(OneDnnMemory::shapes);

  private final Shape shape;
  private final OneDnnMemory shared = OneDnnMemory.ofThread();
  private final convolution_forward.primitive_desc description;
  private Forward forward;
  private Backward backward;

  private OneDnnConvolution(Shape shape) {
    this.shape = shape;
    description =
        new convolution_forward.primitive_desc(
            new convolution_forward.desc(
                dnnl.prop_kind.forward_training,
                dnnl.algorithm.convolution_direct,
                any(input()),
                any(weights()),
                plain(shape.out()),
                any(output()),
                strides(),
                shape.paddingBefore(),
                shape.paddingAfter()),
            shared.engine());
  }

  /** The convolution for arrays of these shapes, as this thread has it. */
  static OneDnnConvolution of(INDArray x, INDArray weight, int stride, boolean even) {
    return KEPT.get()
        .computeIfAbsent(
            new Shape(
                x.size(0),
                x.size(1),
                weight.size(0),
                x.size(2),
                x.size(3),
                weight.size(2),
                stride,
                even),
            OneDnnConvolution::new);
  }

  private long[] weights() {
    return new long[] {shape.out(), shape.in(), shape.kernel(), shape.kernel()};
  }

  private long[] strides() {
    return new long[] {shape.stride(), shape.stride()};
  }

  private long[] input() {
    return new long[] {shape.examples(), shape.in(), shape.height(), shape.width()};
  }

  private long[] output() {
    return new long[] {shape.examples(), shape.out(), shape.outHeight(), shape.outWidth()};
  }

  /** {@code y = conv(x, weight) + bias}. */
  void forward(INDArray x, INDArray weight, INDArray bias, INDArray y) {
    if (forward == null) {
      forward = new Forward();
    }
    forward.run(x, weight, bias, y);
  }

  /** Gradients of {@link #forward} with respect to input, weight and bias. */
  void backward(
      INDArray x, INDArray weight, INDArray dy, INDArray dx, INDArray dWeight, INDArray dBias) {
    if (backward == null) {
      backward = new Backward();
    }
    backward.run(x, weight, dy, dx, dWeight, dBias);
  }

  private final class Forward {

    private final OneDnnMemory.Operand x =
        shared.operand(plain(input()), description.src_desc(), 0);
    private final OneDnnMemory.Operand weight =
        shared.operand(plain(weights()), description.weights_desc(), 1);
    private final OneDnnMemory.Operand bias =
        shared.operand(plain(shape.out()), description.bias_desc(), 2);
    private final OneDnnMemory.Operand y =
        shared.operand(plain(output()), description.dst_desc(), 3);
    private final convolution_forward primitive = new convolution_forward(description);
    private final IntMemoryMap arguments =
        new IntMemoryMap()
            .put(dnnl.DNNL_ARG_SRC, x.inner())
            .put(dnnl.DNNL_ARG_WEIGHTS, weight.inner())
            .put(dnnl.DNNL_ARG_BIAS, bias.inner())
            .put(dnnl.DNNL_ARG_DST, y.inner());

    void run(INDArray input, INDArray weights, INDArray biases, INDArray output) {
      x.read(input);
      weight.read(weights);
      bias.read(biases);
      y.bind(output);
      primitive.execute(shared.stream(), arguments);
      y.write();
      shared.await();
    }
  }

  private final class Backward {

    private final convolution_backward_data.primitive_desc toData =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                dnnl.algorithm.convolution_direct,
                any(input()),
                any(weights()),
                any(output()),
                strides(),
                shape.paddingBefore(),
                shape.paddingAfter()),
            shared.engine(),
            description);
    private final convolution_backward_weights.primitive_desc toWeights =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                dnnl.algorithm.convolution_direct,
                any(input()),
                any(weights()),
                plain(shape.out()),
                any(output()),
                strides(),
                shape.paddingBefore(),
                shape.paddingAfter()),
            shared.engine(),
            description);

    private final OneDnnMemory.Operand dyOfData =
        shared.operand(plain(output()), toData.diff_dst_desc(), 0);

    /** The same as {@link #dyOfData} where both primitives want one layout. */
    private final OneDnnMemory.Operand dyOfWeights =
        toData.diff_dst_desc().equals(toWeights.diff_dst_desc())
            ? dyOfData
            : shared.operand(plain(output()), toWeights.diff_dst_desc(), 0);

    private final OneDnnMemory.Operand weight =
        shared.operand(plain(weights()), toData.weights_desc(), 1);
    private final OneDnnMemory.Operand dx =
        shared.operand(plain(input()), toData.diff_src_desc(), 2);
    private final OneDnnMemory.Operand x = shared.operand(plain(input()), toWeights.src_desc(), 2);
    private final OneDnnMemory.Operand dWeight =
        shared.operand(plain(weights()), toWeights.diff_weights_desc(), 1);
    private final OneDnnMemory.Operand dBias =
        shared.operand(plain(shape.out()), toWeights.diff_bias_desc(), 3);

    private final convolution_backward_data data = new convolution_backward_data(toData);
    private final IntMemoryMap dataArguments =
        new IntMemoryMap()
            .put(dnnl.DNNL_ARG_DIFF_DST, dyOfData.inner())
            .put(dnnl.DNNL_ARG_WEIGHTS, weight.inner())
            .put(dnnl.DNNL_ARG_DIFF_SRC, dx.inner());
    private final convolution_backward_weights parameters =
        new convolution_backward_weights(toWeights);
    private final IntMemoryMap parameterArguments =
        new IntMemoryMap()
            .put(dnnl.DNNL_ARG_SRC, x.inner())
            .put(dnnl.DNNL_ARG_DIFF_DST, dyOfWeights.inner())
            .put(dnnl.DNNL_ARG_DIFF_WEIGHTS, dWeight.inner())
            .put(dnnl.DNNL_ARG_DIFF_BIAS, dBias.inner());

    void run(
        INDArray input,
        INDArray weights,
        INDArray epsilon,
        INDArray inputGradient,
        INDArray weightGradient,
        INDArray biasGradient) {
      dyOfData.read(epsilon);
      weight.read(weights);
      dx.bind(inputGradient);
      data.execute(shared.stream(), dataArguments);
      dx.write();

      if (dyOfWeights != dyOfData) {
        dyOfWeights.read(epsilon);
      }
      x.read(input);
      dWeight.bind(weightGradient);
      dBias.bind(biasGradient);
      parameters.execute(shared.stream(), parameterArguments);
      dWeight.write();
      dBias.write();
      shared.await();
    }
  }
}
