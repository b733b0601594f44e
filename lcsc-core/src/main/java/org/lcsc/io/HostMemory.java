package org.lcsc.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The one door to the memory of ND4J arrays: whatever reads or writes it other than by ND4J's own
 * operations passes here. Where the backend computes on the host, an open array is its memory
 * itself. Where it computes on a device, opening for reading brings the values to the host, and
 * closing after writing takes them to the device, the whole array at once.
 *
 * <pre>{@code
 * try (HostMemory memory = HostMemory.write(array)) {
 *   memory.put(0, values, 0, values.length);
 * }
 * }</pre>
 *
 * <p>Arrays are dense: their values follow one another in memory, in whatever order. Positions
 * count values of the Java type that is asked for. While an array is open, operations must leave it
 * alone.
 *
 * <p>Not thread-safe; the static methods are.
 */
public final class HostMemory implements AutoCloseable {

  /** Where a backend keeps the values of its arrays. */
  interface Place {

    /** Whether that is the host's memory. */
    boolean isHost();

    /**
     * Makes room on the host.
     *
     * @param latest whether the values are wanted there, or will all be overwritten
     * @return where the array's first value lies on the host
     */
    long open(INDArray array, boolean latest);

    /**
     * Ends what {@link #open} began.
     *
     * @param written whether what the host has is to be the array's values
     */
    void close(INDArray array, long address, boolean written);
  }

  private static Place place =
      Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU ? new Host() : new Device();

  private final INDArray array;
  private final boolean written;
  private final Window floats;

  private HostMemory(INDArray array, boolean latest, boolean written) {
    this.array = array;
    this.written = written;
    floats = new Window(place.open(array, latest));
  }

  /** Another place from now on, for tests; returns the one before. */
  static Place replace(Place other) {
    Place before = place;
    place = other;
    return before;
  }

  /** Whether arrays lie in the host's memory, so that native code on the host may work on them. */
  public static boolean isHost() {
    return place.isHost();
  }

  /**
   * Where a dense array's first value lies, for native code on the host.
   *
   * @throws IllegalStateException where arrays do not lie in the host's memory
   */
  public static long address(INDArray array) {
    Refuse.state(!place.isHost(), "the memory of this backend's arrays is not the host's");
    return hostAddress(array);
  }

  static long hostAddress(INDArray array) {
    DataBuffer buffer = array.data();
    return buffer.address() + array.offset() * buffer.getElementSize();
  }

  /** Whether two arrays begin at the same place of the backend's memory. */
  public static boolean same(INDArray a, INDArray b) {
    return a.data().platformAddress() == b.data().platformAddress() && a.offset() == b.offset();
  }

  /**
   * A buffer that borrows memory of the host.
   *
   * @param memory direct, of float32 values, kept by the caller for as long as the buffer is used
   * @throws IllegalStateException where arrays do not lie in the host's memory
   */
  public static DataBuffer borrow(ByteBuffer memory) {
    Refuse.state(!place.isHost(), "the memory of this backend's arrays is not the host's");
    long length = memory.capacity() / Float.BYTES;
    FloatPointer floats = new FloatPointer(new BytePointer(memory));
    return Nd4j.createBuffer(floats.capacity(length), length, DataType.FLOAT);
  }

  /** Opens a dense array to read its values. */
  public static HostMemory read(INDArray array) {
    return new HostMemory(array, true, false);
  }

  /** Opens a dense array to overwrite all its values. */
  public static HostMemory write(INDArray array) {
    return new HostMemory(array, false, true);
  }

  /** Copies {@code count} values from {@code position} on to {@code into[from ...]}. */
  public void get(long position, float[] into, int from, int count) {
    floats.position(position).get(into, from, count);
  }

  /** Copies {@code count} values from {@code position} on to {@code into[from ...]}. */
  public void get(long position, double[] into, int from, int count) {
    new DoublePointer(start()).position(position).get(into, from, count);
  }

  /** Copies the bits of {@code count} values from {@code position} on to {@code into[from ...]}. */
  public void get(long position, int[] into, int from, int count) {
    new IntPointer(start()).position(position).get(into, from, count);
  }

  /** Copies {@code values[from ...]} to {@code position}. */
  public void put(long position, float[] values, int from, int count) {
    floats.position(position).put(values, from, count);
  }

  /** Copies {@code values[from ...]} to {@code position}. */
  public void put(long position, double[] values, int from, int count) {
    new DoublePointer(start()).position(position).put(values, from, count);
  }

  /** Copies the bits {@code values[from ...]} to {@code position}. */
  public void put(long position, int[] values, int from, int count) {
    new IntPointer(start()).position(position).put(values, from, count);
  }

  private Pointer start() {
    return floats.position(0);
  }

  /** The memory itself, in native byte order: {@code count} bytes from the given one on. */
  public ByteBuffer bytes(long from, int count) {
    return new BytePointer(new Window(floats.address() + from))
        .capacity(count)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** Makes what was written the array's values. */
  @Override
  public void close() {
    place.close(array, floats.address(), written);
  }

  /** Arrays in the host's memory. */
  private static final class Host implements Place {

    @Override
    public boolean isHost() {
      return true;
    }

    @Override
    public long open(INDArray array, boolean latest) {
      return hostAddress(array);
    }

    @Override
    public void close(INDArray array, long address, boolean written) {}
  }

  /**
   * Arrays on a device that ND4J keeps a copy of on the host, whole buffers of which it moves when
   * one side is newer: what a view leaves out must not be stale when it is written.
   */
  private static final class Device implements Place {

    @Override
    public boolean isHost() {
      return false;
    }

    @Override
    public long open(INDArray array, boolean latest) {
      DataBuffer buffer = array.data();
      if (latest || buffer.originalDataBuffer() != null || array.length() != buffer.length()) {
        Nd4j.getAffinityManager().ensureLocation(array, Location.HOST);
      } else {
        // Allocates the host's copy where there is none yet.
        buffer.pointer();
      }
      return buffer.addressPointer().address();
    }

    @Override
    public void close(INDArray array, long address, boolean written) {
      if (written) {
        AffinityManager manager = Nd4j.getAffinityManager();
        manager.tagLocation(array, Location.HOST);
        manager.ensureLocation(array, Location.DEVICE);
      }
    }
  }

  /** A pointer to given memory that owns nothing. */
  private static final class Window extends FloatPointer {
    Window(long start) {
      super((Pointer) null);
      address = start;
    }
  }
}
