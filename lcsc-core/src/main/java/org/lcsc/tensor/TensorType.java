package org.lcsc.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.lcsc.checkpoint.HalfPrecision;

/**
 * Type of a tensor's elements, little-endian in all files. Only floating-point tensors are
 * combined; all others are copied.
 */
public enum TensorType {
  /** IEEE 754 binary64. */
  FLOAT64("F64", "<f8", "DoubleStorage", 8),
  /** IEEE 754 binary32. */
  FLOAT32("F32", "<f4", "FloatStorage", 4),
  /** IEEE 754 binary16. */
  FLOAT16("F16", "<f2", "HalfStorage", 2),
  /** The upper half of a float32; NumPy has no such type. */
  BFLOAT16("BF16", null, "BFloat16Storage", 2),
  /** Signed. */
  INT64("I64", "<i8", "LongStorage", 8),
  /** Signed. */
  INT32("I32", "<i4", "IntStorage", 4),
  /** Signed. */
  INT16("I16", "<i2", "ShortStorage", 2),
  /** Signed. */
  INT8("I8", "|i1", "CharStorage", 1),
  /** Unsigned; PyTorch stores none. */
  UINT64("U64", "<u8", null, 8),
  /** Unsigned; PyTorch stores none. */
  UINT32("U32", "<u4", null, 4),
  /** Unsigned; PyTorch stores none. */
  UINT16("U16", "<u2", null, 2),
  /** Unsigned. */
  UINT8("U8", "|u1", "ByteStorage", 1),
  /** A byte, 0 or 1. */
  BOOL("BOOL", "|b1", "BoolStorage", 1);

  private final String safetensors;
  private final String numpy;
  private final String torch;
  private final int bytes;

  TensorType(String safetensors, String numpy, String torch, int bytes) {
    this.safetensors = safetensors;
    this.numpy = numpy;
    this.torch = torch;
    this.bytes = bytes;
  }

  /** Its name in safetensors files. */
  public String safetensors() {
    return safetensors;
  }

  /** NumPy's name of it; null where there is none. */
  public String numpy() {
    return numpy;
  }

  /** The class of a PyTorch storage of it; null where there is none. */
  String torch() {
    return torch;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }

  /** Whether tensors of it are combined. */
  public boolean isFloating() {
    return ordinal() <= BFLOAT16.ordinal();
  }

  /**
   * Adds {@code coefficient} times each value to a sum.
   *
   * @param values whole elements of this floating type; all that remain are taken
   * @param sum one element for each
   */
  void addTo(double[] sum, double coefficient, ByteBuffer values) {
    ByteBuffer in = values.order(ByteOrder.LITTLE_ENDIAN);
    int count = in.remaining() / bytes;
    int at = in.position();
    switch (this) {
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          sum[i] += coefficient * in.getDouble(at + 8 * i);
        }
      }
      case FLOAT32 -> {
        for (int i = 0; i < count; i++) {
          sum[i] += coefficient * in.getFloat(at + 4 * i);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          int bits = HalfPrecision.fromFloat16(in.getShort(at + 2 * i));
          sum[i] += coefficient * Float.intBitsToFloat(bits);
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          int bits = HalfPrecision.fromBfloat16(in.getShort(at + 2 * i));
          sum[i] += coefficient * Float.intBitsToFloat(bits);
        }
      }
      default -> throw new IllegalArgumentException(safetensors + " is not floating-point");
    }
  }

  /** The greatest magnitude that does not become infinity when it is rounded to this type. */
  private double largest() {
    return switch (this) {
      case FLOAT16 -> Math.nextDown(65_520.0);
      case BFLOAT16 -> Math.nextDown(0x1.ffp127);
      case FLOAT32 -> Math.nextDown(0x1.ffffffp127);
      default -> Double.MAX_VALUE;
    };
  }

  /** Whether all values are finite, as this type has them. */
  boolean holds(double[] values, int count) {
    double most = largest();
    for (int i = 0; i < count; i++) {
      if (!(Math.abs(values[i]) <= most)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes values, rounded to the nearest of this floating type.
   *
   * @param count how many
   */
  void put(double[] values, int count, ByteBuffer target) {
    ByteBuffer out = target.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (this) {
        case FLOAT64 -> out.putDouble(values[i]);
        case FLOAT32 -> out.putFloat((float) values[i]);
        case FLOAT16 -> out.putShort(HalfPrecision.toFloat16(odd(values[i])));
        case BFLOAT16 -> out.putShort(HalfPrecision.toBfloat16(odd(values[i])));
        default -> throw new IllegalArgumentException(safetensors + " is not floating-point");
      }
    }
  }

  /**
   * Bits of a double as float32, of two neighbours the odd one. To round that is to round the
   * double: the nearest float32 may lie on a border between two halves where the double does not.
   */
  private static int odd(double value) {
    float nearest = (float) value;
    int bits = Float.floatToRawIntBits(nearest);
    if (nearest == value || bits % 2 != 0) {
      return bits;
    }
    return Float.floatToRawIntBits(nearest < value ? Math.nextUp(nearest) : Math.nextDown(nearest));
  }
}
