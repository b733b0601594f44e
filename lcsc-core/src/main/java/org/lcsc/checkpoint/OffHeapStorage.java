package org.lcsc.checkpoint;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Native memory outside the Java heap. Plain malloc: not counted against the heap, against {@code
 * MaxDirectMemorySize} or against JavaCPP's {@code maxbytes}, and committed by the operating system
 * only as it is filled.
 */
final class OffHeapStorage implements CheckpointStorage {

  private static final Cleaner CLEANER = Cleaner.create();

  private final ByteBuffer[] segments;
  private final Cleaner.Cleanable memory;

  OffHeapStorage(int[] segmentBytes) {
    requireRoom(Arrays.stream(segmentBytes).asLongStream().sum());
    Pointer[] pointers = new Pointer[segmentBytes.length];
    segments = new ByteBuffer[segmentBytes.length];
    memory = CLEANER.register(this, new Release(pointers));
    for (int i = 0; i < segmentBytes.length; i++) {
      pointers[i] = Pointer.malloc(segmentBytes[i]);
      if (Pointer.isNull(pointers[i])) {
        memory.clean();
        throw new IllegalStateException(
            Text.format(
                "no memory for segment %s of %s of the checkpoint window: take a smaller window,"
                    + " 16-bit checkpoints or a mapped file",
                i + 1, segmentBytes.length));
      }
      segments[i] =
          new BytePointer(pointers[i])
              .capacity(segmentBytes[i])
              .asByteBuffer()
              .order(ByteOrder.nativeOrder());
    }
  }

  /** Refuses now what would otherwise end training hours later, when the window has filled. */
  private static void requireRoom(long bytes) {
    long machine = Pointer.totalPhysicalBytes();
    Refuse.state(
        machine > 0 && bytes > machine,
        "a checkpoint window of %,d bytes does not fit this machine's memory of %,d bytes: take a"
            + " mapped file, 16-bit checkpoints or a smaller window",
        bytes,
        machine);
    long limit = Pointer.maxPhysicalBytes();
    Refuse.state(
        limit > 0 && bytes > limit - Pointer.physicalBytes(),
        "a checkpoint window of %,d bytes exceeds JavaCPP's limit of %,d bytes for the whole"
            + " process: start Java with -Dorg.bytedeco.javacpp.maxphysicalbytes=0 or a larger"
            + " -Xmx, or take a mapped file",
        bytes,
        limit);
  }

  @Override
  public ByteBuffer segment(int index) {
    return segments[index];
  }

  @Override
  public void write(int index, int offset, byte[] bytes, int count) {
    segments[index].put(offset, bytes, 0, count);
  }

  @Override
  public void close() {
    memory.clean();
    Arrays.fill(segments, null);
  }

  /** Must not refer to the storage itself, or it would never be collected. */
  private record Release(Pointer[] pointers) implements Runnable {

    @Override
    public void run() {
      for (Pointer pointer : pointers) {
        if (pointer != null) {
          Pointer.free(pointer);
        }
      }
    }
  }
}
