package org.lcsc.diffusion.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.lcsc.io.HostMemory;
import org.lcsc.io.NativeThreads;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What oneDNN's primitives of one thread share: engine, stream, and a few pieces of working memory
 * for arrays in the layouts that the primitives want. A piece grows to the largest array it held.
 */
final class OneDnnMemory {

  private static final int PIECES = 4;

  /** Shapes that a thread keeps primitives for; a U-Net has some forty for each size of batch. */
  private static final int MOST_SHAPES = 512;

  /** oneDNN's loads are whole cache lines. */
  private static final long ALIGNMENT = 64;

  private static final ThreadLocal<OneDnnMemory> OF_THREAD =
      ThreadLocal.withInitial(OneDnnMemory::new);

  private final engine cpu = new engine(engine.kind.cpu, 0);
  private final stream queue = new stream(cpu);
  private final BytePointer[] pieces = new BytePointer[PIECES];

  private OneDnnMemory() {
    NativeThreads.join();
  }

  static OneDnnMemory ofThread() {
    return OF_THREAD.get();
  }

  /** An empty map of primitives by their shapes, which forgets those that were not used longest. */
  static <K, V> Map<K, V> shapes() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MOST_SHAPES;
      }
    };
  }

  engine engine() {
    return cpu;
  }

  stream stream() {
    return queue;
  }

  /** Returns when all that was executed is done. */
  void await() {
    queue._wait();
  }

  /** Dense arrays in C order: images, weights or a vector. */
  static memory.desc plain(long... shape) {
    return new memory.desc(
        shape,
        memory.data_type.f32,
        shape.length == 1 ? memory.format_tag.a : memory.format_tag.abcd);
  }

  /** Arrays in whatever layout the primitive is fastest with. */
  static memory.desc any(long... shape) {
    return new memory.desc(shape, memory.data_type.f32, memory.format_tag.any);
  }

  /**
   * An argument of a primitive.
   *
   * @param plain as the caller has it
   * @param wanted as the primitive wants it
   * @param piece working memory to hold it in the wanted layout, 0 to 3
   */
  Operand operand(memory.desc plain, memory.desc wanted, int piece) {
    return new Operand(plain, wanted, piece);
  }

  private Address piece(int index, long bytes) {
    if (pieces[index] == null || pieces[index].capacity() < bytes + ALIGNMENT) {
      if (pieces[index] != null) {
        pieces[index].close();
      }
      pieces[index] = new BytePointer(bytes + ALIGNMENT);
    }
    return new Address((pieces[index].address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  }

  /** An argument of a primitive, as the caller has it and as the primitive wants it. */
  final class Operand {

    private final memory outer;
    private final memory inner;
    private final int piece;
    private final long bytes;

    /** Both null where the layouts are the same. */
    private final reorder inward;

    private final reorder outward;

    private Operand(memory.desc plain, memory.desc wanted, int piece) {
      this.piece = piece;
      outer = new memory(plain, cpu, new Address(0));
      boolean same = plain.equals(wanted);
      inner = same ? outer : new memory(wanted, cpu, new Address(0));
      bytes = wanted.get_size();
      inward = same ? null : new reorder(outer, inner);
      outward = same ? null : new reorder(inner, outer);
    }

    /** What the primitive is given. */
    memory inner() {
      return inner;
    }

    /** The array to read from or write to next. */
    void bind(INDArray array) {
      outer.set_data_handle(new Address(HostMemory.address(array)));
      if (inner != outer) {
        inner.set_data_handle(piece(piece, bytes));
      }
    }

    /** Gives the primitive an array. */
    void read(INDArray array) {
      bind(array);
      if (inward != null) {
        inward.execute(queue, outer, inner);
      }
    }

    /** Takes the primitive's result to the array it was bound to. */
    void write() {
      if (outward != null) {
        outward.execute(queue, inner, outer);
      }
    }
  }

  /** A pointer to given memory that owns nothing. */
  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }
}
